//! Digest authentication in a call: challenges are stored, requests signed, the credentials of others checked.
//! Spec: auth.md, runtime.md §7.4 item 9, actions.md §3.23. In: messages and steps. Out: rendered messages and verdicts. Must not
//! compute digests: that is [`crate::auth`].

use rand::RngExt;

use super::advance::{RenderedIn, Run};
use super::call::Call;
use super::variable::Value;
use crate::auth::{AkaKeys, Expected, Status, verify};
use crate::message::{RenderError, Signer, Template};
use crate::scenario::plan::{KeyText, Outgoing, Send, StepIx, VerifyAuth};
use crate::sip::{Message, Start};

impl Run<'_> {
    /// Renders the message of the send at `at`, which signs it when its text asks for that.
    pub fn render_message(&mut self, call: &mut Call, send: &Send, at: StepIx) -> Result<(), RenderError> {
        let mut challenges = call.challenges.take();
        let cnonce = match &challenges {
            Some(_) => self.shared.rng.random::<u32>() >> 1,
            None => 0,
        };
        let mut warnings = Vec::new();
        let mut scene = self.shared.rendering.scene(call, self.now, RenderedIn::Send);
        scene.message_index = i32::try_from(at.number()).unwrap_or(i32::MAX);
        scene.branch_index = scene.message_index;
        if let Outgoing::Request(method) = &send.what {
            scene.signer = Some(Signer {
                method,
                uri: self.shared.settings.digest_uri.as_str(),
                challenges: challenges.as_deref_mut(),
                defaults: &self.plan.credentials,
                cnonce,
            });
        }
        let rendered = send.template.render(&mut scene, &mut self.out.bytes, &mut warnings);
        call.challenges = challenges;
        self.warn_all(warnings);
        rendered
    }

    /// Stores what a 401 or 407 asks for; false when it asks for nothing.
    pub fn store_challenge(&mut self, call: &mut Call, message: &Message<'_>) -> bool {
        let Start::Response(code) = message.start() else { return true };
        let Some(status) = Status::of(code) else { return true };
        let challenges = call.challenges.get_or_insert_default();
        match challenges.store(status, message.text(), message.cseq().method) {
            Ok(()) => true,
            Err(none) => {
                self.warn(none.to_string());
                self.keep_warning(call);
                false
            }
        }
    }

    /// `<verifyauth>`: whether the credentials in the message are good.
    pub fn verify_auth(&mut self, call: &mut Call, wanted: &VerifyAuth, message: Option<&[u8]>) {
        let is_good = match message {
            Some(message) => self.accepts(call, wanted, message),
            None => {
                self.warn("verifyauth: there is no message here whose credentials could be checked");
                false
            }
        };
        self.set(call, wanted.to, Value::Bool(is_good));
    }

    fn accepts(&mut self, call: &Call, wanted: &VerifyAuth, message: &[u8]) -> bool {
        let mut text = |template: &Template| self.render_text(call, template);
        let (realm, nonce) = (wanted.realm.as_ref().map(&mut text), wanted.nonce.as_ref().map(&mut text));
        let mut key = |key: &KeyText| match key {
            KeyText::Bytes(bytes) => bytes.to_vec(),
            KeyText::Text(template) => text(template),
        };
        let (k, op) = (wanted.aka_k.as_ref().map(&mut key), wanted.aka_op.as_ref().map(&mut key));
        let user = self.render_text(call, &wanted.user);
        let password = self.render_text(call, &wanted.password);
        let has_card = k.is_some() || op.is_some();
        let keys = || AkaKeys::of(k.as_ref().unwrap_or(&password), op.as_deref().unwrap_or_default(), b"");
        let expected = Expected {
            user: &user,
            password: &password,
            uri: self.shared.settings.digest_uri.given().map(str::as_bytes),
            realm: realm.as_deref(),
            nonce: nonce.as_deref(),
            aka: has_card.then(keys),
            is_strict: wanted.is_strict,
        };
        let verdict = verify(message, &expected);
        if let Err(rejection) = &verdict
            && rejection.is_worth_a_warning()
        {
            self.warn(rejection.to_string());
        }
        verdict.is_ok()
    }
}
