"""Small MP4 and QuickTime files, as large and long as is said, after ISO/IEC 14496-12. No player would show much of them."""
import struct


def box(kind, *contents):
    body = b"".join(contents)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind, version, *contents):
    return box(kind, bytes([version, 0, 0, 0]), *contents)


def track(kind, codec, width, height, turned):
    matrix = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30) if turned else (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    header = full(b"tkhd", 0, struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, 0, 0, 0, 0, 0), struct.pack(">9i", *matrix),
                  struct.pack(">II", width << 16, height << 16))
    entry = box(codec, bytes(24), struct.pack(">HH", width, height), bytes(50))
    samples = box(b"stbl", full(b"stsd", 0, struct.pack(">I", 1), entry))
    return box(b"trak", header, box(b"mdia", full(b"hdlr", 0, bytes(4), kind, bytes(13)), box(b"minf", samples)))


def film(width=1280, height=720, seconds=10.0, codec=b"avc1", sound=b"mp4a", brand=b"isom", size=0, turned=False, moov_last=False):
    """size: bytes of samples, each file's own."""
    units = int(seconds * 1000)
    movie = box(b"moov", full(b"mvhd", 0, struct.pack(">IIII", 0, 0, 1000, units), bytes(80)),
                track(b"vide", codec, width, height, turned), track(b"soun", sound, 0, 0, False) if sound else b"")
    samples = box(b"mdat", bytes((width + i * 7) % 251 for i in range(min(size, 4096))) + bytes(max(0, size - 4096)))
    head = box(b"ftyp", brand, bytes(4), brand)
    return head + (samples + movie if moov_last else movie + samples)
