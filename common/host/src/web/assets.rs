//! Stylesheet, script and icon: compiled in, and cached for ever under a name that changes with their content.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// Enough of the content's hash to tell one release from the next.
const HASH_BYTES: usize = 6;

/// Gives the address of an asset: `/assets/3f1c…/titian.css`.
pub(super) fn url(name: &str) -> String {
    let hash = Assets::get(name).map(|file| hash(&file)).unwrap_or_default();
    format!("/assets/{hash}/{name}")
}

/// Serves one. A page from before an update asks under the old hash and gets the new content, but does not keep it.
pub(super) async fn serve(Path((asked, name)): Path<(String, String)>) -> Response {
    let Some(file) = Assets::get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let caching = if asked == hash(&file) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching)];
    (headers, file.data).into_response()
}

fn hash(file: &EmbeddedFile) -> String {
    HEXLOWER.encode(&file.metadata.sha256_hash()[..HASH_BYTES])
}
