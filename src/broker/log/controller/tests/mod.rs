//! What must hold of controllers.
