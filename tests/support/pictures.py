"""Small valid images, each different."""
import random
import struct
import zlib


def png(width, height, shade):
    return of_rows(width, height, b"".join(b"\0" + bytes([shade % 256, 96, 160]) * width for _ in range(height)))


def noise(width, height):
    """That nobody can make smaller: three bytes a pixel."""
    dice = random.Random(1)
    return of_rows(width, height, b"".join(b"\0" + dice.randbytes(3 * width) for _ in range(height)))


def of_rows(width, height, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
