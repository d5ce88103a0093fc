//! What is reported, what follows from it, and what to say.
