/// One thing that is wrong with a text file, and where.
package struct SourceProblem: Sendable, Hashable {
    /// Counted from 1; 0 where the problem is with the file as a whole.
    package var line: Int
    /// Counted from 1, in characters (Unicode scalars).
    package var column: Int
    package var message: String
    /// The offending line and a caret below the place, both printable; empty where there is no such line.
    package var excerpt: [String]

    /// Describes a problem.
    package init(line: Int = 0, column: Int = 0, message: String, excerpt: [String] = []) {
        self.line = line
        self.column = column
        self.message = message
        self.excerpt = excerpt
    }
}

/// Everything that is wrong with a file, all at once.
package struct SourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as the person named it; nil for a problem of the settings together.
    package var file: String?
    package var problems: [SourceProblem]

    /// Describes a refused file.
    package init(file: String?, problems: [SourceProblem]) {
        self.file = file
        self.problems = problems
    }

    /// One line per problem: its place and its message, for where no line of a file is shown.
    package var lines: [String] {
        problems.map { problem in place(of: problem) + problem.message }
    }

    /// One paragraph per problem, in the form that editors understand: `file:line:column: error: …`.
    package var description: String {
        problems.map { problem in
            ([place(of: problem) + "error: " + problem.message] + problem.excerpt.map { "    " + $0 })
                .joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private func place(of problem: SourceProblem) -> String {
        switch (file, problem.line) {
        case (.none, _): ""
        case (.some(let file), 0): "\(file): "
        case (.some(let file), let line): "\(file):\(line):\(problem.column): "
        }
    }
}
