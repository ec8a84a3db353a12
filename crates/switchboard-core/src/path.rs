//! Where in a payload the reader is: a linked list on the stack.
//!
//! Building a path costs a few words and no allocation; it is followed only when something is wrong.

/// The place of a value inside a payload, as a JSON pointer in the making.
///
/// ```
/// use switchboard_core::Path;
///
/// let root = Path::root();
/// let device = root.key("device");
/// let version = device.key("version");
/// assert_eq!(version.index(2).pointer(), "/device/version/2");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
    Secret(&'a Path<'a>),
}

impl<'a> Path<'a> {
    /// The payload itself.
    #[inline]
    pub const fn root() -> Path<'static> {
        Path { step: Step::Root }
    }

    /// The member `key` of the object at this path.
    #[inline]
    pub const fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { step: Step::Key(self, key) }
    }

    /// The item `index`, from 0, of the array at this path.
    #[inline]
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        Path { step: Step::Index(self, index) }
    }

    /// The same place, whose value must never be shown, nor anything inside it.
    #[inline]
    pub const fn secret(&'a self) -> Path<'a> {
        Path { step: Step::Secret(self) }
    }

    /// Whether this place, or one around it, is secret.
    pub fn is_secret(&self) -> bool {
        let mut path = self;
        loop {
            path = match path.step {
                Step::Root => return false,
                Step::Secret(_) => return true,
                Step::Key(parent, _) | Step::Index(parent, _) => parent,
            };
        }
    }

    /// The JSON pointer (RFC 6901) of this place; `""` is the payload itself.
    ///
    /// A key longer than 64 characters is cut, since a peer may have chosen it, and so is a pointer longer
    /// than 256: what a peer hears of its mistakes must not grow far beyond what it sent. Below a secret place the
    /// pointer ends at that place, for the same reason that its value is not shown.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for path in self.visible_steps().iter().rev() {
            match path.step {
                Step::Key(_, key) => push_key(&mut pointer, key),
                Step::Index(_, index) => {
                    pointer.push('/');
                    pointer.push_str(itoa::Buffer::new().format(index));
                }
                Step::Root | Step::Secret(_) => {}
            }
        }
        if let Some((end, _)) = pointer.char_indices().nth(LONGEST_POINTER) {
            pointer.truncate(end);
        }
        pointer
    }

    /// The steps from the innermost outwards, without those inside a secret.
    fn visible_steps(&self) -> Vec<&Path<'a>> {
        let mut steps = Vec::new();
        let mut path = self;
        loop {
            let parent = match path.step {
                Step::Root => return steps,
                Step::Secret(parent) => {
                    steps.clear();
                    parent
                }
                Step::Key(parent, _) | Step::Index(parent, _) => {
                    steps.push(path);
                    parent
                }
            };
            path = parent;
        }
    }
}

fn push_key(pointer: &mut String, key: &str) {
    pointer.push('/');
    for character in key.chars().take(LONGEST_KEY) {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Characters of a key that a pointer shows.
const LONGEST_KEY: usize = 64;
/// Characters of a pointer.
const LONGEST_POINTER: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_empty_pointer() {
        assert_eq!(Path::root().pointer(), "");
    }

    #[test]
    fn keys_are_escaped_as_rfc_6901_says() {
        let root = Path::root();
        let slash = root.key("a/b");
        assert_eq!(slash.key("m~n").index(0).pointer(), "/a~1b/m~0n/0");
    }

    #[test]
    fn keys_are_cut_to_64_characters() {
        let long = "ä".repeat(70);
        assert_eq!(Path::root().key(&long).pointer(), format!("/{}", "ä".repeat(64)));
    }

    #[test]
    fn pointers_are_cut_to_256_characters() {
        fn deep(path: &Path<'_>, levels: usize) -> String {
            if levels == 0 { path.pointer() } else { deep(&path.key("0123456789é"), levels - 1) }
        }
        assert_eq!(deep(&Path::root(), 20).chars().count(), 240);
        assert_eq!(deep(&Path::root(), 100).chars().count(), 256);
    }

    #[test]
    fn a_secret_hides_what_is_inside_it() {
        let root = Path::root();
        let user = root.key("user");
        let secret = user.secret();
        let inside = secret.key("pin");
        assert!(inside.is_secret());
        assert!(!user.is_secret());
        assert_eq!(inside.index(3).pointer(), "/user");
    }
}
