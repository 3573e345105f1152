//! The C library's `regcomp` and `regexec`, wrapped so that safe code cannot misuse them.
//! Spec: actions.md §3.1 "Regular expression dialect": this is the dialect. In: expressions and texts as byte slices. Out:
//! match ranges. Must not hold any rule of its own.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int};
use std::mem::MaybeUninit;

use libc::{REG_EXTENDED, REG_STARTEND, regcomp, regerror, regex_t, regexec, regfree, regmatch_t, regoff_t};

use super::{EreError, Groups, REPORTED};

/// A compiled `regex_t`. Boxed, because POSIX only lets the object that `regcomp` filled be used.
pub(super) struct Posix(Box<regex_t>);

// SAFETY: the object owns its heap data and is not tied to the thread that made it.
unsafe impl Send for Posix {}

// SAFETY: POSIX requires `regexec` to be thread-safe and it takes the object as const; glibc guards the automaton that it
// grows lazily behind it with a lock of its own. `regfree` runs in `drop`, which has the only reference.
unsafe impl Sync for Posix {}

impl std::fmt::Debug for Posix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Posix(..)")
    }
}

impl Drop for Posix {
    fn drop(&mut self) {
        // SAFETY: filled by a successful `regcomp`, freed once.
        unsafe { regfree(&mut *self.0) }
    }
}

impl Posix {
    /// `regcomp` with `REG_EXTENDED`. The process must be in the C locale, where every Rust program is unless it calls
    /// `setlocale`.
    pub(super) fn compile(pattern: &[u8]) -> Result<Posix, EreError> {
        let pattern = CString::new(pattern).map_err(|_| EreError::Nul)?;
        let mut regex = Box::new(MaybeUninit::<regex_t>::zeroed());
        // SAFETY: `regex` is writable memory of the right type, `pattern` is NUL-terminated.
        let code = unsafe { regcomp(regex.as_mut_ptr(), pattern.as_ptr(), REG_EXTENDED) };
        if code == 0 {
            // SAFETY: `regcomp` has filled it.
            return Ok(Posix(unsafe { regex.assume_init() }));
        }
        Err(EreError::Refused(reason(code, &regex)))
    }

    /// Whether there is a match; cheaper than [`Posix::find`].
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.search(text, 0).is_some()
    }

    /// The leftmost, longest match and its groups.
    pub(super) fn find(&self, text: &[u8], groups: &mut Groups) -> bool {
        let Some(found) = self.search(text, REPORTED) else { return false };
        groups.fill(|i| {
            let found = found.get(i)?;
            Some(usize::try_from(found.rm_so).ok()?..usize::try_from(found.rm_eo).ok()?)
        });
        true
    }

    /// Runs `regexec` for the first `wanted` ranges. A text that a `regoff_t` cannot measure (2 GiB) does not match, and
    /// neither does one that `regexec` runs out of memory on.
    fn search(&self, text: &[u8], wanted: usize) -> Option<[regmatch_t; REPORTED]> {
        let end = regoff_t::try_from(text.len()).ok()?;
        let mut found = [regmatch_t { rm_so: -1, rm_eo: -1 }; REPORTED];
        // With REG_STARTEND, entry 0 tells the text's extent, even when no range is wanted: no NUL, so no copy, is needed.
        found[0] = regmatch_t { rm_so: 0, rm_eo: end };
        let start = text.as_ptr().cast::<c_char>();
        // SAFETY: the expression is compiled; REG_STARTEND limits reading to `text`; `found` has room for `wanted` ranges.
        let code =
            unsafe { regexec(&*self.0, start, wanted.min(REPORTED), found.as_mut_ptr(), REG_STARTEND) };
        (code == 0).then_some(found)
    }
}

/// The C library's sentence for an error of `regcomp`.
fn reason(code: c_int, regex: &MaybeUninit<regex_t>) -> String {
    let mut text = [0_u8; 128];
    // SAFETY: `text` has the size given and `regerror` ends what it writes with a NUL; `regex` is the object that
    // `regcomp` failed on, as `regerror` wants it.
    unsafe { regerror(code, regex.as_ptr(), text.as_mut_ptr().cast(), text.len()) };
    CStr::from_bytes_until_nul(&text)
        .map_or_else(|_| String::new(), |text| text.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(posix: &Posix, text: &[u8]) -> Option<Groups> {
        let mut groups = Groups::default();
        posix.find(text, &mut groups).then_some(groups)
    }

    /// Only the slice given is searched, whatever lies around it in memory and whether or not it holds NUL bytes.
    #[test]
    fn exactly_the_bytes_of_the_slice_are_searched() {
        let around = b"xxab\0cdxx";
        let posix = Posix::compile(b"b.*d$|x").unwrap();
        assert!(!posix.is_match(&around[2..7]));
        let posix = Posix::compile(b"^a[^z]*d$").unwrap();
        assert_eq!(ranges(&posix, &around[2..7]).unwrap().get(0), Some(0..5));
        assert!(Posix::compile(b"^$").unwrap().is_match(&around[4..4]));
    }

    #[test]
    fn one_expression_may_be_searched_from_many_threads_at_once() {
        let posix = Posix::compile(b"(a|b)*c([0-9]+)").unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4_usize {
                let posix = &posix;
                scope.spawn(move || {
                    for length in 0..300_usize {
                        let text = format!("{}c{}", "ab".repeat(length), thread * 1000 + length);
                        let groups = ranges(posix, text.as_bytes()).unwrap();
                        assert_eq!(groups.get(0), Some(0..text.len()));
                        assert_eq!(groups.get(2), Some(2 * length + 1..text.len()));
                    }
                });
            }
        });
    }

    #[test]
    fn a_refused_expression_leaves_nothing_behind_and_can_be_followed_by_a_good_one() {
        for _ in 0..100 {
            assert!(Posix::compile(b"((a").is_err());
            assert!(Posix::compile(b"((a))").unwrap().is_match(b"xa"));
        }
    }
}
