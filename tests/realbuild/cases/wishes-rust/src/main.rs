use std::{env, fs, process};

fn main() {
    let name = env::args().nth(1).unwrap_or_else(|| process::exit(2));
    let text = fs::read_to_string(name).unwrap();
    println!("{} words, {} lines", text.split_whitespace().count(), text.lines().count());
}
