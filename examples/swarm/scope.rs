//! What a swarm needs to know of the thing it runs.

/// What one run came to.
pub struct Outcome {
    /// What must not have happened, and did.
    pub troubles: Vec<String>,
    /// What it met, of [`Scope::counted`].
    pub met: Vec<&'static str>,
}

/// Makes one run of a seed. It may keep buffers between runs, and nothing else.
pub type Runner<'a> = Box<dyn FnMut(u64) -> Outcome + 'a>;

pub trait Scope: Sync {
    /// Everything of which a swarm must meet enough.
    fn counted(&self) -> Vec<&'static str>;

    /// One for each thread.
    fn runner(&self) -> Runner<'_>;
}
