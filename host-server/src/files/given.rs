//! Files that a run is given as a text, as AutoGPT's platform has it: `workspace://` and the file's id stands for its bytes
//! as a `data:` URI. A graph of blobs is given the file's `value` in place of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use graphloom::json::Pointer;
use graphloom::value::{BlobRef, Map};
use graphloom::{Text, Value};

use super::Owner;
use super::keep::KeptFile;
use crate::App;
use crate::ask::misfit_at;
use crate::ids::is_id;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::resource;

const SCHEME: &str = "workspace://";

/// How large a file may be that is given as a text, in bytes: with base64, less than a text may have.
const MAX: u64 = 5 << 20;

/// Returns the id that a value names a file by. Behind `#` AutoGPT has the media type.
fn named(value: &Value) -> Option<&str> {
    let id = value.as_str()?.strip_prefix(SCHEME)?;
    let id = id.split('#').next().unwrap_or_default();
    is_id(id).then_some(id)
}

/// Puts files in the place of the values that name one, but for those that are `literal`. `at` is where in the request the
/// values are.
///
/// # Errors
/// `HTTP_BODY` with the place of one that is not there, or too large.
pub(crate) async fn resolve(
    app: &App,
    tenant: &Tenant,
    (values, at): (&mut Map, &str),
    literal: &[Text],
) -> Result<(), Problem> {
    let found = values.iter().filter(|(name, _)| !literal.contains(name));
    let found = found.filter_map(|(name, value)| {
        let id = named(value)?;
        Some((name.clone(), id.to_owned()))
    });
    let found: Vec<(Text, String)> = found.collect();
    for (name, id) in found {
        let place = Pointer::root().push(at).push(&name);
        let file: KeptFile = match resource::get(app, tenant, &id).await {
            Err(problem) if problem.code() == ServerCode::NotFound.as_str() => {
                return Err(misfit_at(place.as_str(), problem.detail()));
            }
            found => found?,
        };
        if file.bytes > MAX {
            let what = format!(
                "the file has {} bytes, and as a text at most {MAX} will do: give its `value`, where the graph takes one",
                file.bytes
            );
            return Err(misfit_at(place.as_str(), &what));
        }
        let blobs = app.files().lend(tenant, Owner::File(file.name.clone()));
        let blob = BlobRef::new(file.hash.clone(), file.bytes);
        let bytes = blobs.get(&blob).await.map_err(Problem::internal)?;
        let uri = format!(
            "data:{};base64,{}",
            file.media_type,
            STANDARD.encode(&*bytes)
        );
        values.insert(name, Value::from(uri));
    }
    Ok(())
}
