/// Whose mirror it is: one `.loops` directory of one machine.
package struct MirrorOwner: Hashable, Sendable {
    /// An id of the machine that outlives reboots and renames; empty where there is none.
    package var machine: String
    /// The machine's name.
    package var host: String
    /// The user's name.
    package var user: String
    /// The absolute path of `.loops`.
    package var loopsPath: String

    /// Names an owner.
    package init(machine: String, host: String, user: String, loopsPath: String) {
        self.machine = machine
        self.host = host
        self.user = user
        self.loopsPath = loopsPath
    }

    /// The name of the directory that holds `.loops`.
    package var project: String {
        let parts = loopsPath.split(separator: "/")
        return parts.dropLast().last.map(String.init) ?? "root"
    }
}
