//! The arguments.

pub struct Arguments {
    pub runs: u64,
    /// The seed of the first run; the next has the next.
    pub seed: u64,
    pub threads: usize,
    pub scope: String,
}

impl Arguments {
    pub fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut read = Self { runs: 10_000, seed: 0, threads, scope: "all".to_owned() };
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            let number = || value.parse::<u64>().map_err(|_| format!("{name} takes a number, not \"{value}\""));
            match name.as_str() {
                "--runs" => read.runs = number()?,
                "--seed" => read.seed = number()?,
                "--threads" => read.threads = (number()? as usize).max(1),
                "--scope" => read.scope = value,
                _ => return Err(format!("there is no {name}; there are --runs, --seed, --threads and --scope")),
            }
        }
        Ok(read)
    }
}
