//! Lab files, plans, runs, ledgers.
