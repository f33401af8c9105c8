//! QR codes for phones, drawn within a page.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::PageError;

/// Wide enough for the camera of a cheap phone, small enough for half a sheet.
const QR_PIXELS: u32 = 260;

/// Draws a QR code as an SVG element. Capitals, digits and dashes are what it holds most densely.
///
/// # Errors
/// When the text is longer than a QR code holds, which is ours to mend.
pub fn qr(text: &str) -> Result<String, PageError> {
    let drawn = QrCode::with_error_correction_level(text, EcLevel::M).map_err(anyhow::Error::from)?;
    let svg = drawn
        .render::<svg::Color<'_>>()
        .min_dimensions(QR_PIXELS, QR_PIXELS)
        .build();
    // Within a page an XML declaration is an error.
    Ok(svg
        .find("<svg")
        .map_or_else(String::new, |start| svg[start..].to_owned()))
}
