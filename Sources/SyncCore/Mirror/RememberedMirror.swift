package import LoopModel

/// Which file system a directory lies on, for messages: never to decide by, since numbers change with every boot.
package struct FileSystemSeen: Hashable, Sendable, CustomStringConvertible {
    /// The device number.
    package var device: UInt64
    /// The type's name, for instance "ext4".
    package var type: String
    /// Where it is mounted; nil where that is not known.
    package var mountPoint: String?

    /// Names a file system.
    package init(device: UInt64, type: String, mountPoint: String?) {
        self.device = device
        self.type = type
        self.mountPoint = mountPoint
    }

    package var description: String {
        mountPoint.map { "\(type) mounted at \($0)" } ?? type
    }
}

/// What an agent remembers of its mirror in `.loops/.loopsync/mirror.json`.
///
/// It is a cache: when it is lost, the marker finds the mirror again. But while it is there, an empty directory is known
/// to be the wrong one.
package struct RememberedMirror: Hashable, Sendable {
    /// The sync directory's absolute path without links, `.` and `..`, so that it is the same however it was typed.
    package var syncPath: String
    /// The path below it.
    package var namespace: [FileName]
    /// The marker's id.
    package var id: String
    /// When the mirror was made.
    package var created: String
    /// The `.loops` that it mirrors, to tell a copied project, with this memory in it, from a moved one.
    package var loopsPath: String
    /// The machine that used it, since a `.loops` may be shared; empty where it has no id, or was not asked.
    package var machine: String
    /// On which file system it lay when it was last opened.
    package var fileSystem: FileSystemSeen

    /// Remembers a mirror.
    package init(
        syncPath: String,
        namespace: [FileName],
        id: String,
        created: String,
        loopsPath: String,
        machine: String,
        fileSystem: FileSystemSeen
    ) {
        self.syncPath = syncPath
        self.namespace = namespace
        self.id = id
        self.created = created
        self.loopsPath = loopsPath
        self.machine = machine
        self.fileSystem = fileSystem
    }

    /// Reads the mirrors that a file remembers, one per sync directory; what is damaged is left out.
    package static func parse(_ bytes: [UInt8]) -> [RememberedMirror] {
        let value = try? JSONValue(parsing: bytes)
        return value?.objectValue?["mirrors"]?.arrayValue?.compactMap(RememberedMirror.init(json:)) ?? []
    }

    private init?(json: JSONValue) {
        guard let object = json.objectValue,
            let syncPath = object["sync"]?.stringValue?.string,
            let id = object["id"]?.stringValue?.string,
            let parts = object["namespace"]?.arrayValue
        else { return nil }
        let namespace = parts.compactMap { FileName($0.stringValue?.fileSystemBytes ?? []) }
        guard !namespace.isEmpty, namespace.count == parts.count else { return nil }
        self.init(
            syncPath: "/" + syncPath.split(separator: "/").filter { $0 != "." }.joined(separator: "/"),
            namespace: namespace,
            id: id,
            created: object["created"]?.stringValue?.string ?? "",
            loopsPath: object["loops"]?.stringValue?.string ?? "",
            machine: object["machine"]?.stringValue?.string ?? "",
            fileSystem: FileSystemSeen(
                device: object["device"]?.integerValue.map(UInt64.init(clamping:)) ?? 0,
                type: object["file_system"]?.stringValue?.string ?? "unknown",
                mountPoint: object["mount_point"]?.stringValue?.string
            )
        )
    }

    /// The file's bytes.
    package static func serialize(_ mirrors: [RememberedMirror]) -> [UInt8] {
        let list = mirrors.map { mirror -> JSONValue in
            [
                "sync": .string(JSONString(mirror.syncPath)),
                "namespace": .array(mirror.namespace.map { .string(JSONString(fileSystemBytes: $0.bytes)) }),
                "id": .string(JSONString(mirror.id)),
                "created": .string(JSONString(mirror.created)),
                "loops": .string(JSONString(mirror.loopsPath)),
                "machine": .string(JSONString(mirror.machine)),
                "device": .number(JSONNumber(Int(clamping: mirror.fileSystem.device))),
                "file_system": .string(JSONString(mirror.fileSystem.type)),
                "mount_point": mirror.fileSystem.mountPoint.map { .string(JSONString($0)) } ?? .null,
            ]
        }
        return (["mirrors": .array(list)] as JSONValue).serialized(indent: 2) + [UInt8(ascii: "\n")]
    }
}
