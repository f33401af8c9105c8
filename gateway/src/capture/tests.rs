//! What is taken, what is refused, and what does not go along: on real files, built here byte by byte.

use std::io::{Cursor, Write as _};

use image::{DynamicImage, GenericImageView as _, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use jpeg_encoder::{ColorType, Encoder};

use super::*;

/// A picture with so much in it that it does not shrink to nothing, brighter at its top left.
fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let grain = u8::try_from((x * 7 + y * 13 + (x * y) % 31) % 40).unwrap();
        if x < width / 2 && y < height / 2 {
            Rgb([200 + grain, 190 + grain, 180 + grain])
        } else {
            Rgb([20 + grain, 30 + grain, 40 + grain])
        }
    })
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut content = Cursor::new(Vec::new());
    picture.into().write_to(&mut content, format).unwrap();
    content.into_inner()
}

fn decoded(content: &[u8]) -> DynamicImage {
    image::load_from_memory(content).unwrap()
}

/// Puts a segment behind the first two bytes of a JPEG, where cameras write what they know.
fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, body, &jpeg[2..]].concat()
}

/// A TIFF block as cameras write it: an orientation, and a latitude under the GPS tag.
fn exif(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [
            &tag.to_be_bytes()[..],
            &kind.to_be_bytes(),
            &count.to_be_bytes(),
            &value,
        ]
        .concat()
    };
    let first = [
        &2_u16.to_be_bytes()[..],
        &entry(0x0112, 3, 1, [0, orientation, 0, 0]),
        &entry(0x8825, 4, 1, 38_u32.to_be_bytes()),
        &0_u32.to_be_bytes(),
    ];
    let gps = [
        &1_u16.to_be_bytes()[..],
        &entry(0x0001, 2, 2, *b"S\0\0\0"),
        &0_u32.to_be_bytes(),
    ];
    [
        b"Exif\0\0MM\0\x2A\0\0\0\x08".to_vec(),
        first.concat(),
        gps.concat(),
        b"GPS 3.80S 114.76E".to_vec(),
    ]
    .concat()
}

fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(body) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
        }
    }
    [&length[..], kind, body, &(!crc).to_be_bytes()].concat()
}

fn shrunk(content: Vec<u8>) -> (MediaType, Vec<u8>) {
    fit(content, Shrinking::default()).unwrap()
}

fn refused(content: Vec<u8>) -> Unfit {
    fit(content, Shrinking::default()).unwrap_err()
}

fn holds(content: &[u8], mark: &[u8]) -> bool {
    content.windows(mark.len()).any(|window| window == mark)
}

fn zip(names: &[&str]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(b"<xml/>").unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_photo_is_shrunk_and_loses_place_and_camera() {
    let jpeg = encoded(scene(2400, 1200), ImageFormat::Jpeg);
    let photo = with_segment(&jpeg, 0xE1, &exif(1));
    let photo = with_segment(&photo, 0xFE, b"taken behind the house of Rahma");
    assert!(holds(&photo, b"GPS 3.80S"));
    let (kind, content) = shrunk(photo);
    assert_eq!(kind, MediaType::Jpeg);
    for mark in [&b"Exif"[..], b"GPS", b"Rahma"] {
        assert!(!holds(&content, mark), "{mark:?} went along");
    }
    assert_eq!(decoded(&content).dimensions(), (1600, 800));
    assert!(content.len() < jpeg.len());
}

#[test]
fn a_photo_that_was_taken_sideways_stands_upright() {
    // Orientation 6: the camera was turned, so that the bright corner belongs at the top right.
    let photo = with_segment(&encoded(scene(800, 400), ImageFormat::Jpeg), 0xE1, &exif(6));
    let (_, content) = shrunk(photo);
    let picture = decoded(&content);
    assert_eq!(picture.dimensions(), (400, 800));
    assert!(picture.get_pixel(350, 50).0[0] > 150, "the bright corner");
    assert!(picture.get_pixel(50, 50).0[0] < 100, "a dark corner");
}

#[test]
fn the_same_photo_gives_the_same_file() {
    let photo = encoded(scene(1700, 900), ImageFormat::Jpeg);
    assert_eq!(shrunk(photo.clone()), shrunk(photo));
}

#[test]
fn a_png_loses_its_texts_and_stays_one_only_where_that_is_smaller() {
    let screen = RgbImage::from_fn(900, 600, |_, y| if y % 40 < 4 { Rgb([0, 0, 0]) } else { Rgb([255; 3]) });
    let png = encoded(screen, ImageFormat::Png);
    let header = 8 + 25;
    let text = chunk(b"tEXt", b"Comment\0at the house of Rahma");
    let (kind, content) = shrunk([&png[..header], &text, &png[header..]].concat());
    assert_eq!(kind, MediaType::Png);
    assert!(!holds(&content, b"Rahma"));
    assert_eq!(decoded(&content).dimensions(), (900, 600));

    let (kind, _) = shrunk(encoded(scene(900, 600), ImageFormat::Png));
    assert_eq!(kind, MediaType::Jpeg, "a photo in a PNG");
}

#[test]
fn what_is_transparent_lies_on_white_paper() {
    let glass = RgbaImage::from_fn(300, 200, |x, y| {
        Rgba([u8::try_from((x * 3 + y * 5) % 251).unwrap(), 9, 99, 0])
    });
    let (_, content) = shrunk(encoded(glass, ImageFormat::Png));
    let shown = decoded(&content);
    let pixel = shown.get_pixel(150, 100).0;
    assert!(pixel[3] == 0 || pixel[..3].iter().all(|part| *part > 240), "{pixel:?}");
}

#[test]
fn a_picture_that_unfolds_beyond_all_measure_is_refused_by_its_header() {
    let header = |width: u32, height: u32, depth: u8, colour: u8| {
        let body = [
            &width.to_be_bytes()[..],
            &height.to_be_bytes(),
            &[depth, colour, 0, 0, 0],
        ]
        .concat();
        let data = chunk(b"IDAT", &[0x78, 0x9C, 0x03, 0x00, 0, 0, 0, 1]);
        [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &body),
            data,
            chunk(b"IEND", b""),
        ]
        .concat()
    };
    let bomb = header(30_000, 30_000, 8, 2);
    assert!(bomb.len() < 5_000);
    assert_eq!(refused(bomb), Unfit::TooManyPixels);
    assert_eq!(refused(header(29_999, 29_999, 1, 0)), Unfit::TooManyPixels);
    assert!(fit(header(u32::MAX >> 1, 1, 8, 0), Shrinking::default()).is_err());
    assert_eq!(
        refused(header(10, 10, 8, 2)),
        Unfit::Broken,
        "small, but without its pixels"
    );
}

#[test]
fn a_text_that_unfolds_beyond_all_measure_does_no_harm() {
    let png = encoded(scene(60, 40), ImageFormat::Png);
    let mut bomb = Vec::new();
    let mut deflate = flate2::write::ZlibEncoder::new(&mut bomb, flate2::Compression::best());
    for _ in 0..300 {
        deflate.write_all(&vec![b'a'; 1 << 20]).unwrap();
    }
    deflate.finish().unwrap();
    let header = 8 + 25;
    let text = chunk(b"zTXt", &[b"Comment\0\0".to_vec(), bomb].concat());
    let whole = [&png[..header], &text, &png[header..]].concat();
    // Taken without its text, or refused: never 300 MB.
    assert!(fit(whole, Shrinking::default()).is_ok_and(|(_, content)| content.len() < 50_000));
}

#[test]
fn a_jpeg_that_ends_in_the_middle_is_refused_and_one_with_something_behind_its_end_is_not() {
    let photo = encoded(scene(600, 400), ImageFormat::Jpeg);
    // With a small picture of its own inside, as cameras write it: its end is not the photo's end.
    let thumbnail = encoded(scene(60, 40), ImageFormat::Jpeg);
    let photo = with_segment(&photo, 0xE1, &[b"Exif\0\0".to_vec(), thumbnail].concat());
    for length in [photo.len() / 2, photo.len() - 2, 3] {
        assert_eq!(refused(photo[..length].to_vec()), Unfit::CutOff, "{length}");
    }
    let polyglot = [&photo[..], b"PK\x03\x04<script>alert(1)</script>"].concat();
    let (kind, content) = shrunk(polyglot);
    assert_eq!(kind, MediaType::Jpeg);
    assert!(!holds(&content, b"script"), "what is no picture stays behind");
}

#[test]
fn a_jpeg_that_keeps_each_colour_apart_is_refused_before_its_colours_are_lost() {
    let picture = scene(320, 240);
    let mut apart = Vec::new();
    let mut encoder = Encoder::new(&mut apart, 80);
    // This encoder writes one scan per component then.
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(&picture, 320, 240, ColorType::Rgb).unwrap();
    assert_eq!(refused(apart), Unfit::Broken);
    let (_, content) = shrunk(encoded(
        RgbImage::from_pixel(64, 64, Rgb([200, 40, 30])),
        ImageFormat::Jpeg,
    ));
    let [red, green, blue, _] = decoded(&content).get_pixel(30, 30).0;
    assert!(red > 180 && green < 60 && blue < 60, "{red} {green} {blue}");
}

#[test]
fn a_file_is_what_it_contains_and_not_what_it_is_called() {
    let pdf = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n".to_vec();
    assert_eq!(shrunk(pdf.clone()), (MediaType::Pdf, pdf.clone()), "passed through");
    assert_eq!(refused(pdf[..30].to_vec()), Unfit::CutOff);
    let docx = zip(&["[Content_Types].xml", "word/document.xml"]);
    assert_eq!(shrunk(docx.clone()).0, MediaType::Docx);
    assert_eq!(refused(docx[..docx.len() / 2].to_vec()), Unfit::CutOff);
    let with_macros = zip(&["[Content_Types].xml", "word/document.xml", "word/VbaProject.BIN"]);
    assert_eq!(refused(with_macros), Unfit::Macros);
    assert_eq!(
        refused(zip(&["[Content_Types].xml", "xl/workbook.xml"])),
        Unfit::OtherKind
    );
    assert_eq!(refused(vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1]), Unfit::OldWord);
    for other in [&b"<html><script>"[..], b"MZ\x90\0", b"GIF89a", b"<svg xmlns="] {
        assert_eq!(refused(other.to_vec()), Unfit::OtherKind);
    }
    assert_eq!(refused(Vec::new()), Unfit::Empty);
    assert_eq!(refused(vec![b'%'; 10_000_001]), Unfit::TooLarge);
}

#[test]
fn no_damage_of_a_picture_brings_the_program_down() {
    for photo in [
        encoded(scene(64, 48), ImageFormat::Jpeg),
        encoded(scene(64, 48), ImageFormat::Png),
    ] {
        for at in 0..photo.len() {
            let mut damaged = photo.clone();
            damaged[at] ^= 0x5A;
            // A panic here would be caught in `Capture::alone`; it is better not to have any.
            let _ = fit(damaged, Shrinking::default());
        }
    }
}

#[tokio::test]
async fn work_that_panics_is_a_broken_file_and_the_next_one_is_taken() {
    let data = tempfile::tempdir().unwrap();
    let files = AttachmentFiles::open(data.path()).unwrap();
    let capture = Capture::new(files.clone(), Shrinking::default());
    let broke: Result<(), _> = capture
        .alone(|| panic!("a decoder that met what it does not know"))
        .await;
    assert!(matches!(broke, Err(CaptureError::Unfit(Unfit::Broken))));
    let photo = encoded(scene(700, 500), ImageFormat::Jpeg);
    let taken = capture.take("../../KTP.jpg", photo.clone()).await.unwrap();
    assert_eq!((taken.name.as_str(), taken.media_type), ("KTP.jpg", MediaType::Jpeg));
    assert_eq!(capture.take("again.png", photo).await.unwrap().hash, taken.hash);
    files.settle(taken.hash).unwrap();
    let small = capture.thumbnail(taken.hash, taken.media_type).await.unwrap();
    assert_eq!(decoded(&small).dimensions(), (240, 171));
    assert_eq!(capture.thumbnail(taken.hash, taken.media_type).await.unwrap(), small);
}
