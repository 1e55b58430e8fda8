//! What can be set at a link.

use crate::graph::Link;
use crate::value::{Text, Value};

/// Sets what a link has beside its ends.
#[derive(Debug)]
pub struct LinkEdit<'g>(pub(super) Option<&'g mut Link>);

impl LinkEdit<'_> {
    /// Lets the value stay for later firings.
    pub fn sticky(mut self) -> Self {
        if let Some(link) = self.0.as_mut() {
            link.sticky = true;
        }
        self
    }

    /// Sets what the link is for, as free text.
    pub fn doc(mut self, doc: impl Into<Text>) -> Self {
        if let Some(link) = self.0.as_mut() {
            link.doc = Some(doc.into());
        }
        self
    }

    /// Sets what an editor keeps here.
    pub fn ui(mut self, ui: impl Into<Value>) -> Self {
        if let Some(link) = self.0.as_mut() {
            link.ui = Some(ui.into());
        }
        self
    }
}
