import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from tests.support.pictures import animation, opened, picture, saved
from webapp.content.images import kinds
from webapp.content.images.pictures import SMALL, WIDEST, cut, drawn

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F


def close(colour: object, expected: tuple[int, ...], by: int = 6) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) <= by for one, other in zip(colour, expected, strict=True))


def with_exif(**values: object) -> Image.Exif:
    exif = Image.Exif()
    exif[MAKE] = "A phone"
    exif[GPS] = {1: "N", 2: (56.0, 9.0, 0.0)}
    if "orientation" in values:
        exif[ORIENTATION] = values["orientation"]
    return exif


def png_of_16_bits(width: int, height: int, grey: int) -> bytes:
    image = Image.new("I;16", (width, height), grey)
    return saved(image, "PNG")


def png_chunk(name: bytes, content: bytes) -> bytes:
    whole = name + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes that claim to be a picture of any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + png_chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (picture("JPEG"), "jpg"),
        (picture("PNG"), "png"),
        (picture("GIF"), "png"),
        (picture("WEBP"), "jpg"),
        (picture("WEBP", mode="RGBA", colour=(200, 40, 40, 100)), "png"),
        (animation("GIF"), "gif"),
        (animation("WEBP"), "gif"),
        (animation("PNG"), "gif"),
        (picture("MPO"), "jpg"),
    ],
    ids=["jpeg", "png", "gif", "webp", "clear webp", "moving gif", "moving webp", "apng", "mpo"],
)
def test_every_kind_becomes_one_that_all_mail_programs_show(content: bytes, ending: str) -> None:
    done = drawn(content, "lamp")
    assert done.ending == ending
    assert opened(done.content).format == {"jpg": "JPEG", "png": "PNG", "gif": "GIF"}[ending]
    assert (done.width, done.height) == (40, 30)


def test_what_a_photo_tells_about_itself_is_gone() -> None:
    given = picture("JPEG", exif=with_exif(), comment=b"at home", dpi=(300, 300))
    done = opened(drawn(given, "photo.jpg").content)
    assert b"A phone" in given
    assert not done.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & done.info.keys()
    text = Image.new("RGB", (4, 4))
    text.info["Author"] = "Mette"
    assert "Author" not in opened(drawn(saved(text, "PNG"), "x.png").content).info


def test_a_photo_taken_sideways_stands_upright() -> None:
    given = Image.new("RGB", (40, 20), (255, 255, 255))
    given.paste((0, 0, 255), (0, 0, 10, 20))
    done = drawn(saved(given, "JPEG", quality=95, exif=with_exif(orientation=6)), "photo.jpg")
    assert (done.width, done.height, done.given_width) == (20, 40, 20)
    assert close(opened(done.content).getpixel((10, 3)), (0, 0, 255), 20)


@pytest.mark.parametrize("space", ["sRGB", "LAB"])
def test_a_profile_is_taken_into_account_where_it_fits_and_never_kept(space: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()
    done = opened(drawn(picture("PNG", icc_profile=profile), "x.png").content)
    assert close(done.getpixel((5, 5)), (200, 40, 40))
    assert "icc_profile" not in done.info


def test_a_photo_for_print_becomes_one_for_screens() -> None:
    done = opened(drawn(picture("JPEG", mode="CMYK", colour=(0, 255, 255, 0)), "print.jpg").content)
    assert done.mode == "RGB"
    assert close(done.getpixel((5, 5)), (255, 0, 0), 20)


def test_grey_of_16_bits_keeps_its_tone() -> None:
    done = opened(drawn(png_of_16_bits(4, 4, 32768), "x-ray.png").content)
    assert close(done.getpixel((1, 1)), (128, 128, 128), 1)


def test_a_logo_keeps_its_few_colours_and_its_clear_ground() -> None:
    logo = Image.new("P", (8, 8), 0)
    logo.putpalette([255, 255, 255, 15, 118, 110])
    logo.paste(1, (2, 2, 6, 6))
    done = opened(drawn(saved(logo, "PNG", transparency=0), "logo.png").content)
    assert done.mode == "P"
    assert done.convert("RGBA").getpixel((0, 0))[3] == 0
    assert done.convert("RGBA").getpixel((3, 3)) == (15, 118, 110, 255)


def test_a_wide_picture_is_made_as_narrow_as_an_email_needs() -> None:
    done = drawn(picture("JPEG", (3200, 1000)), "wide.jpg")
    assert (done.width, done.height) == (WIDEST, 500)
    assert (done.given_width, done.given_height) == (3200, 1000)
    assert max(opened(done.small).size) == SMALL
    few = Image.new("P", (3200, 10))
    assert drawn(saved(few, "PNG"), "few.png").width == WIDEST


def test_an_animation_keeps_its_pictures_their_times_and_its_end() -> None:
    done = opened(drawn(animation(frames=4), "lamp.gif").content)
    assert done.n_frames == 4
    assert (done.info["duration"], done.info["loop"]) == (120, 0)
    once = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    given = saved(once[0], "GIF", save_all=True, append_images=once[1:], duration=50)
    assert "loop" not in opened(drawn(given, "once.gif").content).info


def test_the_same_picture_becomes_the_same_bytes() -> None:
    assert drawn(picture("JPEG"), "a.jpg") == drawn(picture("JPEG"), "b.jpg")


def test_a_part_is_cut_out_and_made_smaller() -> None:
    given = Image.new("RGB", (100, 60), "white")
    given.paste((0, 0, 255), (50, 0, 100, 60))
    done = cut(saved(given, "PNG"), "x.png", (50, 0, 100, 60), 25)
    assert (done.width, done.height) == (25, 30)
    assert opened(done.content).getcolors() == [(750, (0, 0, 255))]
    moving = opened(cut(animation(), "x.gif", (0, 0, 10, 10), 10).content)
    assert (moving.n_frames, moving.size) == (3, (10, 10))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", kinds.EmptyFile),
        (b"x" * 10_000_001, kinds.TooLarge),
        (b"plain text", kinds.NotAnImage),
        (b"%PDF-1.7", kinds.NotAnImage),
        (b"<html><body>Not an image</body>", kinds.NotAnImage),
        (picture("BMP"), kinds.NotAnImage),
        (picture("TIFF"), kinds.NotAnImage),
        (b'<?xml version="1.0"?><!-- x --><svg xmlns="x">', kinds.Drawing),
        (b"<svg/>", kinds.Drawing),
        ('\ufeff<SVG onload="alert(1)"/>'.encode("utf-16"), kinds.Drawing),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", kinds.PhonePhoto),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", kinds.PhonePhoto),
        (picture("JPEG", (400, 300))[:900], kinds.Damaged),
        (picture("PNG", (400, 300), mode="RGB")[:100], kinds.Damaged),
        (picture("WEBP", (400, 300))[:60], kinds.Damaged),
        (animation()[:-30], kinds.Damaged),
        (png_that_says(7000, 6000), kinds.TooManyPixels),
        (png_that_says(60_000, 60_000), kinds.TooManyPixels),
        (png_that_says(2000, 2000), kinds.Damaged),
        (animation(frames=2, size=(5000, 4100)), kinds.TooLongAnimation),
    ],
)
def test_what_cannot_be_used_says_why_and_which_file_it_is(
    content: bytes, error: type[kinds.UnusableImage]
) -> None:
    with pytest.raises(error, match=r"“lamp\.png”"):
        drawn(content, "lamp.png")


def test_odd_metadata_is_no_reason_to_refuse_a_photo() -> None:
    given = picture("JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert drawn(given, "photo.jpg").ending == "jpg"
    assert drawn(picture("PNG", icc_profile=b"no profile"), "x.png").ending == "png"


def test_a_text_in_a_png_that_unpacks_to_a_gigabyte_is_not_unpacked() -> None:
    bomb = zlib.compress(b"\0" * 80_000_000)
    given = picture("PNG")
    end = given.index(b"IDAT") - 4
    chunk = png_chunk(b"zTXt", b"Comment\0\0" + bomb)
    with pytest.raises(kinds.UnusableImage):
        drawn(given[:end] + chunk + given[end:], "bomb.png")


def test_the_small_one_is_webp_of_the_first_picture() -> None:
    small = Image.open(BytesIO(drawn(animation(), "lamp.gif").small))
    assert (small.format, small.size) == ("WEBP", (40, 30))
