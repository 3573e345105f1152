//! `[authentication …]`: its parameters, and the credentials that take its place when the rest of the message is there.
//! Spec: auth.md §2, keywords.md §3.4, §5 item 4, §6.9. In: the text between the brackets, later the finished message and a
//! [`Signer`]. Out: segments for each value, later a header in the message. Must not know how credentials are computed: that is
//! `auth`.

use memchr::memmem;

use super::parameter::{Parameter, typed_parameter};
use super::segment::Segment;
use super::template::NoNames;
use super::{Facts, Names, RenderError, Scene, Template, TemplateError, bind, parse, render};
use crate::auth::{AkaKeys, Challenges, Identity, Request};
use crate::message::segment::Fact;
use crate::scenario::plan::{Keeps, Method, VarIx};
use crate::sip::header;

/// What `[authentication]` needs of the call and the request that it stands in.
pub struct Signer<'a> {
    /// Method of the request.
    pub method: &'a Method,
    /// The digest URI (auth.md §3).
    pub uri: &'a str,
    /// What the call was challenged with; None: nothing so far.
    pub challenges: Option<&'a mut Challenges>,
    /// User and password of keywords that name none.
    pub defaults: &'a DefaultCredentials,
    /// Drawn for this rendering; 31 bits.
    pub cnonce: u32,
}

/// `-au` and `-ap`, or what stands for them.
#[derive(Clone, Debug)]
pub struct DefaultCredentials {
    user: Template,
    password: Template,
}

impl Default for DefaultCredentials {
    fn default() -> DefaultCredentials {
        let of = |segment| Template::of(vec![segment]);
        DefaultCredentials {
            user: of(Segment::Fact(Fact::Service, 0)),
            password: of(Segment::Verbatim(b"password".to_vec())),
        }
    }
}

impl DefaultCredentials {
    /// From the texts of `-au` and `-ap`, which may contain keywords.
    ///
    /// # Errors
    /// One of them is no template.
    pub fn parse(
        user: Option<&str>,
        password: Option<&str>,
        names: &mut dyn Names,
    ) -> Result<DefaultCredentials, TemplateError> {
        let mut parsed = DefaultCredentials::default();
        if let Some(user) = user.filter(|user| !user.is_empty()) {
            parsed.user = Template::parse(user.as_bytes(), names)?;
        }
        if let Some(password) = password {
            parsed.password = Template::parse(password.as_bytes(), names)?;
        }
        Ok(parsed)
    }

    /// As [`Template::bind`].
    pub fn bind(&mut self, facts: &Facts) {
        self.user.bind(facts, None);
        self.password.bind(facts, None);
    }

    /// As [`Template::keeps`].
    pub fn keeps(&self) -> [Keeps; 2] {
        [self.user.keeps(), self.password.keeps()]
    }

    /// As [`Template::map_variables`].
    pub fn map_variables(&mut self, change: &mut dyn FnMut(&mut VarIx)) {
        self.user.map_variables(change);
        self.password.map_variables(change);
    }
}

/// The parameters of one keyword. None: absent or empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Authentication {
    user: Option<Vec<Segment>>,
    password: Option<Vec<Segment>>,
    aka_k: Option<Vec<Segment>>,
    aka_op: Option<Vec<Segment>>,
    aka_amf: Option<Vec<Segment>>,
}

impl Authentication {
    /// Reads the text between the brackets.
    pub fn parse(keyword: &[u8], names: &mut dyn Names) -> Result<Authentication, TemplateError> {
        let mut value = |name| match typed_parameter(keyword, name) {
            None => Ok(None),
            // Bytes of a key are no text: a bracket among them begins no keyword.
            Some(Parameter::Bytes(bytes)) => Ok(Some(vec![Segment::Verbatim(bytes)])),
            Some(Parameter::Text(text)) => Ok(Some(bind::joined(parse::segments(&text, names)?))),
        };
        Ok(Authentication {
            user: value("username")?,
            password: value("password")?,
            aka_k: value("aka_K")?,
            aka_op: value("aka_OP")?,
            aka_amf: value("aka_AMF")?,
        })
    }

    /// The values that are there.
    pub fn values(&self) -> impl Iterator<Item = &Vec<Segment>> {
        [&self.user, &self.password, &self.aka_k, &self.aka_op, &self.aka_amf].into_iter().flatten()
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Vec<Segment>> {
        let Authentication { user, password, aka_k, aka_op, aka_amf } = self;
        [user, password, aka_k, aka_op, aka_amf].into_iter().flatten()
    }
}

/// Stands where the credentials will: without it their line would be the empty one that ends the head.
const STAND_IN: u8 = b'*';

/// A keyword and the place of its credentials in the buffer.
pub(super) struct Place<'t> {
    at: usize,
    keyword: Keyword<'t>,
}

enum Keyword<'t> {
    OfTemplate(&'t Authentication),
    Injected(Box<Authentication>),
}

impl<'t> Place<'t> {
    /// At the end of `out`.
    pub fn of_template(keyword: &'t Authentication, out: &mut Vec<u8>) -> Place<'t> {
        let at = out.len();
        out.push(STAND_IN);
        Place { at, keyword: Keyword::OfTemplate(keyword) }
    }

    /// Takes the keyword out of an injected text, from `start` on in `out`: up to the first bracket that closes, be it in
    /// quotes. Nested keywords cannot occur in it.
    pub fn take_injected(out: &mut Vec<u8>, start: usize) -> Result<Option<Place<'t>>, RenderError> {
        let text = out.get(start..).unwrap_or_default();
        let Some(open) = memmem::find(text, b"[authentication") else { return Ok(None) };
        let keyword = text.get(open + 1..).unwrap_or_default();
        let shown = || String::from_utf8_lossy(keyword).into_owned();
        let Some(length) = memchr::memchr(b']', keyword) else {
            let text = format!("Missing ] behind '[{}' in an injection file", shown());
            return Err(RenderError::CallFails(text));
        };
        let inside = keyword.get(..length).unwrap_or_default();
        let parsed = Authentication::parse(inside, &mut NoNames)
            .map_err(|error| RenderError::CallFails(error.message))?;
        let at = start + open;
        out.splice(at..at + length + 2, [STAND_IN]);
        Ok(Some(Place { at, keyword: Keyword::Injected(Box::new(parsed)) }))
    }

    /// Puts the credentials in. `base`: where the message begins in `out`. `has_length`: it uses `[len]`.
    pub fn fill(
        self,
        scene: &mut Scene<'_>,
        out: &mut Vec<u8>,
        base: usize,
        has_length: bool,
        warnings: &mut Vec<String>,
    ) -> Result<(), RenderError> {
        let Some(signer) = scene.signer.take() else { return Err(fails("authentication requires a method")) };
        let body_at = header::body_start(out.get(base..).unwrap_or_default()).map(|start| base + start);
        if has_length && body_at.is_none_or(|body_at| body_at <= self.at) {
            let text = "The authentication keyword should appear in the message header, not the body!";
            return Err(RenderError::Fatal(text.to_owned()));
        }
        let Some(challenges) = signer.challenges else {
            return Err(fails("Authentication keyword without dialog_authentication!"));
        };
        let keyword = match &self.keyword {
            Keyword::OfTemplate(keyword) => keyword,
            Keyword::Injected(keyword) => &**keyword,
        };
        let mut render = |value: Option<&Vec<Segment>>, default: Option<&Template>| {
            let mut text = Vec::new();
            match (value, default) {
                (Some(segments), _) => render::message(segments, scene, &mut text, warnings)?,
                (None, Some(default)) => default.render(scene, &mut text, warnings)?,
                (None, None) => {}
            }
            Ok::<_, RenderError>(text)
        };
        let user = render(keyword.user.as_ref(), Some(&signer.defaults.user))?;
        let password = render(keyword.password.as_ref(), Some(&signer.defaults.password))?;
        let k = match &keyword.aka_k {
            Some(k) => render(Some(k), None)?,
            None => password.clone(),
        };
        let op = render(keyword.aka_op.as_ref(), None)?;
        let amf = render(keyword.aka_amf.as_ref(), None)?;
        let who = Identity {
            user: &user,
            password: &password,
            aka: AkaKeys::of(&k, &op, &amf),
            has_card: keyword.aka_k.is_some() || keyword.aka_op.is_some(),
        };
        let body = body_at.and_then(|body_at| out.get(body_at..)).unwrap_or_default();
        let request = Request { method: signer.method.as_str().as_bytes(), uri: signer.uri.as_bytes(), body };
        let mut header = Vec::new();
        challenges
            .answer(&who, &request, signer.cnonce, &mut header)
            .map_err(|error| RenderError::CallFails(error.to_string()))?;
        out.splice(self.at..=self.at, header);
        Ok(())
    }
}

fn fails(sentence: &str) -> RenderError {
    RenderError::CallFails(sentence.to_owned())
}
