//! Pictures: unfolded within limits, turned the right way up, shrunk, and written anew. Nothing of the old file is copied,
//! so that neither place nor camera nor any text in it goes along.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngDecoder, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder as _, Limits, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use titian_domain::attachment::MediaType;

use super::Shrinking;
use super::unfit::Unfit;

/// What a picture may unfold to: a photo of 64 megapixels, which an office PC with 2 GB can hold beside its browser.
const UNFOLDED_BYTES_MAX: u64 = 200_000_000;
/// A progressive JPEG is held twice while it unfolds: its coefficients, two bytes each, and its pixels.
const PROGRESSIVE_FACTOR: u64 = 3;
/// Longer than any camera's side.
const SIDE_PIXELS_MAX: u32 = 30_000;
/// A thumbnail's longest side: what a page shows, for screens with two pixels per dot.
const THUMBNAIL_PIXELS: u32 = 240;
const THUMBNAIL_QUALITY: u8 = 70;
/// From this factor on, averaging is as good as filtering, and takes no memory beside the two pictures.
const AVERAGING_FACTOR: u32 = 2;

/// Makes a picture as small as a complaint needs it. A PNG stays one only where that is the smaller form: a screen's
/// picture does, a photo does not.
pub fn shrink(kind: MediaType, content: &[u8], to: Shrinking) -> Result<(MediaType, Vec<u8>), Unfit> {
    let picture = unfold(kind, content, to.longest_side)?;
    let jpeg = jpeg(&picture, to.jpeg_quality)?;
    if kind == MediaType::Png {
        let png = png(&picture)?;
        if png.len() <= jpeg.len() {
            return Ok((MediaType::Png, png));
        }
    }
    Ok((MediaType::Jpeg, jpeg))
}

/// Makes a small JPEG for a page.
pub fn thumbnail(kind: MediaType, content: &[u8]) -> Result<Vec<u8>, Unfit> {
    jpeg(&unfold(kind, content, THUMBNAIL_PIXELS)?, THUMBNAIL_QUALITY)
}

fn unfold(kind: MediaType, content: &[u8], longest_side: u32) -> Result<DynamicImage, Unfit> {
    match kind {
        MediaType::Jpeg => {
            let survey = survey(content).ok_or(Unfit::CutOff)?;
            // The decoder takes the first scan of several for the whole picture, and would lose its colours.
            if survey.scans > 1 && !survey.progressive {
                return Err(Unfit::Broken);
            }
            let decoder = JpegDecoder::new(Cursor::new(content)).map_err(|_| Unfit::Broken)?;
            let factor = if survey.progressive { PROGRESSIVE_FACTOR } else { 1 };
            read(decoder, factor, longest_side)
        }
        MediaType::Png => {
            let decoder = PngDecoder::with_limits(Cursor::new(content), limits()).map_err(|_| Unfit::Broken)?;
            read(decoder, 1, longest_side)
        }
        _ => Err(Unfit::OtherKind),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_PIXELS_MAX);
    limits.max_image_height = Some(SIDE_PIXELS_MAX);
    limits.max_alloc = Some(UNFOLDED_BYTES_MAX);
    limits
}

fn read(mut decoder: impl ImageDecoder, factor: u64, longest_side: u32) -> Result<DynamicImage, Unfit> {
    // Asked before a single pixel is unfolded: the header is enough to know.
    let (width, height) = decoder.dimensions();
    let unfolded = decoder.total_bytes().saturating_mul(factor);
    if unfolded > UNFOLDED_BYTES_MAX || width.max(height) > SIDE_PIXELS_MAX {
        return Err(Unfit::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(|_| Unfit::TooManyPixels)?;
    // What says nothing usable about its orientation stands upright.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        image::ImageError::Limits(_) => Unfit::TooManyPixels,
        _ => Unfit::Broken,
    })?;
    let mut picture = smaller(picture, longest_side);
    // After shrinking: turning needs room for a second picture.
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn smaller(picture: DynamicImage, longest_side: u32) -> DynamicImage {
    let longest = picture.width().max(picture.height());
    if longest <= longest_side {
        picture
    } else if longest / longest_side >= AVERAGING_FACTOR {
        picture.thumbnail(longest_side, longest_side)
    } else {
        picture.resize(longest_side, longest_side, FilterType::Triangle)
    }
}

/// Half the colour resolution, as cameras do: nobody sees the difference, and the line carries less.
fn jpeg(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>, Unfit> {
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| Unfit::TooManyPixels);
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let mut content = Vec::new();
    let mut encoder = Encoder::new(&mut content, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let written = match picture {
        DynamicImage::ImageLuma8(grey) => encoder.encode(grey, width, height, ColorType::Luma),
        other => encoder.encode(&on_white(other), width, height, ColorType::Rgb),
    };
    written.map_err(|_| Unfit::Broken)?;
    Ok(content)
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>, Unfit> {
    let eight_bits = match picture {
        DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_) => picture.clone(),
        other if other.color().has_alpha() => other.to_rgba8().into(),
        other => other.to_rgb8().into(),
    };
    let mut content = Vec::new();
    PngEncoder::new_with_quality(&mut content, CompressionType::Default, PngFilter::Adaptive)
        .write_image(
            eight_bits.as_bytes(),
            eight_bits.width(),
            eight_bits.height(),
            eight_bits.color().into(),
        )
        .map_err(|_| Unfit::Broken)?;
    Ok(content)
}

/// Lays a picture with transparent parts on white paper.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let layered = picture.to_rgba8();
    RgbImage::from_fn(layered.width(), layered.height(), |x, y| {
        let [red, green, blue, alpha] = layered.get_pixel(x, y).0;
        let mix = |part: u8| {
            let (part, alpha) = (u16::from(part), u16::from(alpha));
            u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        Rgb([mix(red), mix(green), mix(blue)])
    })
}

/// How a JPEG is laid out.
struct Survey {
    progressive: bool,
    scans: usize,
}

/// Walks a JPEG from marker to marker; `None` if it does not come to its end. The decoder itself fills what is missing
/// with grey, and a letter that is half grey is no letter.
fn survey(content: &[u8]) -> Option<Survey> {
    let (mut progressive, mut scans) = (false, 0);
    let mut at = 0;
    loop {
        // Between markers stands coded data, in which every 0xFF is followed by a zero.
        at += content.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
        at += content.get(at..)?.iter().position(|byte| *byte != 0xFF)?;
        let marker = *content.get(at)?;
        at += 1;
        match marker {
            0xD9 => return Some(Survey { progressive, scans }),
            // Stuffed zero, reserved, restarts, start.
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            _ => {
                progressive |= matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
                scans += usize::from(marker == 0xDA);
                let length = u16::from_be_bytes([*content.get(at)?, *content.get(at + 1)?]);
                at += usize::from(length);
            }
        }
    }
}
