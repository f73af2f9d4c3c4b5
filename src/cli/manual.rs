//! The manual: a page for the program, one for each subcommand, and one for the configuration, from its example.

use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::generate_to;
use clap_mangen::roff::{Roff, bold, roman};

/// The configuration with every key, as the package installs it.
const EXAMPLE: &str = include_str!("../../dist/ticketloom.toml");
/// The name of the configuration's page.
const FORMAT: &str = "ticketloom.toml.5";

/// Writes all pages into a folder, which is there.
///
/// # Errors
/// If one can't be written.
pub(super) fn write(program: Command, folder: &Path) -> io::Result<()> {
    generate_to(program, folder)?;
    std::fs::write(folder.join(FORMAT), configuration(EXAMPLE))
}

/// The page of the configuration. In the example `# words` are said of what follows them, `#key = value` is a setting that
/// is switched off.
fn configuration(example: &str) -> String {
    let mut page = Roff::new();
    let version = concat!("ticketloom ", env!("CARGO_PKG_VERSION"));
    page.control("TH", ["ticketloom.toml", "5", "", version, "File formats"]);
    page.control("SH", ["NAME"]);
    page.text([roman("ticketloom.toml - configuration of the help desk ticketloom")]);
    page.control("SH", ["DESCRIPTION"]);
    let (mut said, mut keys) = (Vec::new(), Vec::new());
    for line in example.lines() {
        let words = line.strip_prefix("# ");
        let setting = line.trim_start_matches('#');
        if words.is_some() || setting.is_empty() || setting.starts_with('[') {
            settings(&mut page, &mut keys, &mut said);
        }
        match words {
            Some(words) => said.push(words),
            None if setting.starts_with('[') => {
                page.control("SH", [setting]);
                page.text([roman(std::mem::take(&mut said).join(" "))]);
            }
            None if setting.is_empty() => {
                page.text([roman(std::mem::take(&mut said).join(" "))]);
            }
            None => keys.push(setting),
        }
    }
    settings(&mut page, &mut keys, &mut said);
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("ticketloom(1)")]);
    page.render()
}

/// Keys one below the other, and what is said of them.
fn settings(page: &mut Roff, keys: &mut Vec<&str>, said: &mut Vec<&str>) {
    if keys.is_empty() {
        return;
    }
    for (n, key) in keys.drain(..).enumerate() {
        page.control(if n == 0 { "TP" } else { "TQ" }, []);
        page.text([bold(key)]);
    }
    page.text([roman(std::mem::take(said).join(" "))]);
}
