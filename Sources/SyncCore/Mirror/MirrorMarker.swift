import LoopModel

/// What `.loopsync-mirror` says: whose mirror the directory is.
///
/// The marker and not the path decides, since a disk that is not mounted leaves an empty directory under its path, and
/// another disk may be mounted there.
package struct MirrorMarker: Hashable, Sendable {
    /// Chosen at random when the mirror was made.
    package var id: String
    /// The machine's id.
    package var machine: String
    /// The machine's name, for people.
    package var host: String
    /// The absolute path of the `.loops` that is mirrored.
    package var loopsPath: String
    /// When the mirror was made, in ISO 8601.
    package var created: String

    /// Describes a mirror.
    package init(id: String, machine: String, host: String, loopsPath: String, created: String) {
        self.id = id
        self.machine = machine
        self.host = host
        self.loopsPath = loopsPath
        self.created = created
    }

    /// Reads a marker file.
    ///
    /// - Returns: nil for anything that is no marker.
    package init?(parsing bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let object = value.objectValue else { return nil }
        func text(_ key: JSONString) -> String? { object[key]?.stringValue?.string }
        guard let id = text("id"), !id.isEmpty, let loopsPath = text("loops") else { return nil }
        self.init(
            id: id,
            machine: text("machine") ?? "",
            host: text("host") ?? "",
            loopsPath: loopsPath,
            created: text("created") ?? ""
        )
    }

    /// The marker file's bytes.
    package func serialized() -> [UInt8] {
        let value: JSONValue = [
            "id": .string(JSONString(id)),
            "machine": .string(JSONString(machine)),
            "host": .string(JSONString(host)),
            "loops": .string(JSONString(loopsPath)),
            "created": .string(JSONString(created)),
            "about": "loopsync mirrors the loops directory above into this directory. Do not remove this file.",
        ]
        return value.serialized(indent: 2) + [UInt8(ascii: "\n")]
    }

    /// Whether the mirror belongs to this directory: its id is the remembered one, or machine, host and path match.
    ///
    /// Containers often have no id of a machine, and cloned machines the same; then only the memory tells, or a person.
    package func belongs(to owner: MirrorOwner, rememberedID: String?) -> Bool {
        id == rememberedID || (!machine.isEmpty && machine == owner.machine && isNamed(as: owner))
    }

    /// Whether host and path say that it may be this directory's mirror, which is no proof.
    package func isNamed(as owner: MirrorOwner) -> Bool {
        host == owner.host && loopsPath == owner.loopsPath
    }
}
