import LoopModel

/// Tells what an executor's reader did to a state in the mirror from what a person did.
///
/// `ll-loop status` and `list --running` rewrite a `running` state whose process is gone, and in the mirror every one is.
package enum ReaderFlip {
    private static let flipped: [JSONString] = ["status", "updated_at", "reconciled_at"]

    /// Whether a state differs from ours in nothing but what such readers rewrite.
    package static func isAll(between ours: [UInt8], and found: [UInt8]) -> Bool {
        guard let ours = members(ours), let found = members(found) else { return false }
        return ours == found
    }

    private static func members(_ bytes: [UInt8]) -> [JSONString: JSONValue]? {
        guard let value = try? JSONValue(parsing: bytes), var object = value.objectValue else { return nil }
        for key in flipped { object[key] = nil }
        return Dictionary(object.members.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}
