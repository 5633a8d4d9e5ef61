import CNettle

/// A SHA-256 digest (FIPS 180-4) under way, computed by Debian's nettle.
struct SHA256 {
    private var context = sha256_ctx()

    init() {
        nettle_sha256_init(&context)
    }

    /// Takes the next bytes.
    mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBufferPointer { nettle_sha256_update(&context, $0.count, $0.baseAddress) }
    }

    /// The digest of all bytes so far; more may follow.
    func digest() -> Checksum {
        var context = context
        let bytes = [UInt8](unsafeUninitializedCapacity: Checksum.length) { buffer, count in
            nettle_sha256_digest(&context, buffer.count, buffer.baseAddress)
            count = buffer.count
        }
        return Checksum(bytes: bytes)
    }
}
