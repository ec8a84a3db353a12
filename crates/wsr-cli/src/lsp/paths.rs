//! Names of files: addresses in the protocol, paths on the disk.

use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What may not stand in the path of an address as it is.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The path of an address. A buffer that is no file (`untitled:1`) gets a path on which no file can be.
pub fn path_of(uri: &Uri) -> PathBuf {
    let Some(rest) = uri.as_str().strip_prefix("file://") else {
        return PathBuf::from(uri.as_str());
    };
    // What stands before the path is a host; nobody writes one.
    let path = rest.find('/').map_or("", |slash| &rest[slash..]);
    let path = percent_decode_str(path).decode_utf8_lossy();
    let path = match path.as_bytes() {
        [b'/', letter, b':', ..] if cfg!(windows) && letter.is_ascii_alphabetic() => &path[1..],
        _ => &path,
    };
    folded(Path::new(path))
}

/// The address of a path.
pub fn uri_of(path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    if !path.is_absolute() {
        return Uri::from_str(&text).ok();
    }
    let slash = if text.starts_with('/') { "" } else { "/" };
    Uri::from_str(&format!("file://{slash}{}", utf8_percent_encode(&text, ENCODED))).ok()
}

/// A path without `.` and, as far as they can be followed without looking at the disk, `..`.
pub fn folded(path: &Path) -> PathBuf {
    let mut folded = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(folded.components().next_back(), Some(Component::Normal(_))) => {
                folded.pop();
            }
            part => folded.push(part),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::{path_of, uri_of};
    use std::path::Path;
    use std::str::FromStr;

    #[test]
    #[cfg(unix)]
    fn paths_survive_the_way_through_an_address() {
        for path in ["/a/routes.wsr", "/a b/é漢😀/100%/#[x]{y}.wsr", "/"] {
            let uri = uri_of(Path::new(path)).expect("it is an address");
            assert_eq!(path_of(&uri), Path::new(path), "{}", uri.as_str());
        }
    }

    #[test]
    fn an_address_of_no_file_is_its_own_path() {
        let uri = lsp_types::Uri::from_str("untitled:Untitled-1").expect("it is an address");
        assert_eq!(path_of(&uri), Path::new("untitled:Untitled-1"));
        assert_eq!(uri_of(&path_of(&uri)), Some(uri));
    }
}
