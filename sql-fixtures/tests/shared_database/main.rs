//! Does the shared database keep its promises when its scripts run as they stand, for four
//! organisations? And does each fault break one that its near miss keeps?

mod calls;
mod faults;
mod stage;
