//! What a broker does for groups and transactions, beside keeping records.
