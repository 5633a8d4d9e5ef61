/// An object whose members keep their order, as Python's `dict`: a key that comes again keeps its first place and gets
/// its last value.
public struct JSONObject: Sendable {
    /// One key with its value.
    public struct Member: Hashable, Sendable {
        /// The key.
        public let key: JSONString
        /// The value.
        public internal(set) var value: JSONValue
    }

    /// The members in order.
    public private(set) var members: [Member] = []

    /// Where each key stands; kept only for objects in which a search from the start would be slow.
    private var places: [JSONString: Int] = [:]

    private static let searchedWithoutIndex = 16

    /// An object without members.
    public init() {}

    /// Takes members in order.
    public init(_ members: some Sequence<(JSONString, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    /// The keys in order.
    public var keys: some RandomAccessCollection<JSONString> {
        members.lazy.map(\.key)
    }

    /// How many members there are.
    public var count: Int {
        members.count
    }

    /// Whether it has no member.
    public var isEmpty: Bool {
        members.isEmpty
    }

    /// A key's value; setting a new key appends it, setting nil removes the member.
    public subscript(key: JSONString) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    private func place(of key: JSONString) -> Int? {
        members.count > Self.searchedWithoutIndex ? places[key] : members.firstIndex { $0.key == key }
    }

    private mutating func append(_ member: Member) {
        if members.count > Self.searchedWithoutIndex { places[member.key] = members.count }
        members.append(member)
        if members.count == Self.searchedWithoutIndex + 1 { index() }
    }

    private mutating func remove(at place: Int) {
        members.remove(at: place)
        index()
    }

    private mutating func index() {
        places.removeAll()
        guard members.count > Self.searchedWithoutIndex else { return }
        for (place, member) in members.enumerated() { places[member.key] = place }
    }
}

extension JSONObject: Hashable, ExpressibleByDictionaryLiteral {
    /// Takes a dictionary literal, in its order.
    public init(dictionaryLiteral members: (JSONString, JSONValue)...) {
        self.init(members)
    }

    /// Equal are the same members in the same order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members == right.members
    }

    /// Hashes the members in order.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(members)
    }
}
