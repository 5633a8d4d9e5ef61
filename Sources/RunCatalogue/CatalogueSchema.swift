/// What the catalogue's tables and views are called and hold; `Schema.md` says it for people.
enum CatalogueSchema {
    /// The value of `user_version`; any other one means that another program, older or newer, wrote the file.
    static let version: Int64 = 1

    /// The statements that make it, by the name of what they make.
    ///
    /// SQLite keeps their text, comments included, so that `.schema` explains itself, and a file that says anything else
    /// is known to be no catalogue of this program.
    static let objects: [(name: String, sql: String)] = tables + indexes + views

    private static let tables: [(name: String, sql: String)] = [
        (
            "run",
            """
            CREATE TABLE run (
              id INTEGER PRIMARY KEY,
              place BLOB NOT NULL UNIQUE,   -- names below .history, joined by a zero byte: sorts as runs do
              path TEXT NOT NULL,           -- the same with a slash, for people
              layout TEXT NOT NULL,         -- nested or flat
              loop TEXT NOT NULL,
              run_id TEXT NOT NULL,
              status TEXT,                  -- null where no state could be read
              started_at TEXT,              -- as the state has it
              ended INTEGER,                -- the last event, in microseconds since 1970 (UTC)
              iterations TEXT,              -- JSON, as the state has it
              final_state TEXT,
              size INTEGER NOT NULL,        -- bytes on the disk
              state_size INTEGER,           -- bytes of state.json
              events_size INTEGER,          -- bytes of events.jsonl
              pinned INTEGER NOT NULL,      -- 1 with a .keep
              conflicts INTEGER NOT NULL,   -- files that keep what contradicted the run
              sums BLOB,                    -- SHA-256 of SHA256SUMS; null where an executor archived it
              identity BLOB,                -- the first loop_start line, or loop and start of the state
              names BLOB NOT NULL,          -- the directory's entries, joined by slashes
              stamps BLOB NOT NULL,         -- what a stat of the directory and of each entry said (Schema.md)
              settled INTEGER NOT NULL,     -- 0 while a change might not show in the stamps
              timed INTEGER NOT NULL        -- 1 where state_time holds the time in each state
            )
            """
        ),
        (
            "state_time",
            """
            CREATE TABLE state_time (
              run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
              state TEXT NOT NULL,
              visits INTEGER NOT NULL,
              microseconds INTEGER NOT NULL,
              PRIMARY KEY (run, state)
            ) WITHOUT ROWID
            """
        ),
        (
            "directory",
            """
            CREATE TABLE directory (
              path BLOB PRIMARY KEY,        -- names below .history, joined by a zero byte
              stamp BLOB NOT NULL           -- as long as it holds, no run came to this directory or went
            ) WITHOUT ROWID
            """
        ),
        (
            "mirror",
            """
            CREATE TABLE mirror (
              id INTEGER PRIMARY KEY,
              marker TEXT NOT NULL UNIQUE,  -- the id in .loopsync-mirror
              path TEXT NOT NULL            -- where it was last
            )
            """
        ),
        (
            "mirrored",
            """
            CREATE TABLE mirrored (
              mirror INTEGER NOT NULL REFERENCES mirror(id) ON DELETE CASCADE,
              place BLOB NOT NULL,
              sums BLOB NOT NULL,           -- SHA-256 of the SHA256SUMS that both sides have
              names BLOB NOT NULL,          -- the files that were compared, joined by slashes
              here BLOB NOT NULL,           -- stamps in the history
              there BLOB NOT NULL,          -- stamps in the mirror
              PRIMARY KEY (mirror, place)
            ) WITHOUT ROWID
            """
        ),
        (
            "prune",
            """
            CREATE TABLE prune (
              id INTEGER PRIMARY KEY,
              change TEXT NOT NULL,         -- pruned or restored
              time INTEGER NOT NULL,        -- microseconds since 1970 (UTC)
              path TEXT NOT NULL,
              loop TEXT NOT NULL,
              run_id TEXT NOT NULL,
              status TEXT,
              ended INTEGER,
              size INTEGER NOT NULL,
              reasons TEXT NOT NULL         -- a JSON array of phrases
            )
            """
        ),
        (
            "source",
            """
            CREATE TABLE source (
              name TEXT PRIMARY KEY,        -- a file that rows were taken from
              stamp BLOB NOT NULL           -- what a stat said of it then
            ) WITHOUT ROWID
            """
        ),
    ]

    private static let indexes: [(name: String, sql: String)] = [
        ("run_by_end", "CREATE INDEX run_by_end ON run(ended, place)"),
        ("run_unsettled", "CREATE INDEX run_unsettled ON run(id) WHERE settled = 0"),
    ]

    private static let views: [(name: String, sql: String)] = [
        (
            "runs",
            """
            CREATE VIEW runs AS  -- every archived run
            SELECT path, loop, run_id, layout, status, started_at,
              strftime('%Y-%m-%dT%H:%M:%SZ', ended / 1000000, 'unixepoch') AS ended_at,
              round((ended / 1e6 - (julianday(started_at) - 2440587.5) * 86400), 1) AS seconds,
              CAST(iterations AS INTEGER) AS iterations, final_state, size, state_size, events_size,
              pinned, conflicts, lower(hex(sums)) AS sums_sha256,
              (SELECT count(*) FROM mirrored WHERE mirrored.place = run.place AND mirrored.sums = run.sums) AS mirrors
            FROM run
            """
        ),
        (
            "time_per_state",
            """
            CREATE VIEW time_per_state AS  -- how often and how long each run was in each state
            SELECT run.path, run.loop, state_time.state, visits, microseconds / 1000 AS milliseconds
            FROM state_time JOIN run ON run.id = state_time.run
            """
        ),
        (
            "loops",
            """
            CREATE VIEW loops AS  -- one row for each loop
            SELECT loop, count(*) AS runs, sum(status = 'completed') AS completed, sum(status = 'failed') AS failed,
              sum(size) AS size, strftime('%Y-%m-%dT%H:%M:%SZ', max(ended) / 1000000, 'unixepoch') AS last_ended_at
            FROM run GROUP BY loop
            """
        ),
        (
            "pins",
            "CREATE VIEW pins AS  -- runs that a person keeps\nSELECT path, loop, run_id, status, size FROM run WHERE pinned"
        ),
        (
            "conflicts",
            """
            CREATE VIEW conflicts AS  -- runs beside which something is kept that contradicted them
            SELECT path, loop, run_id, conflicts FROM run WHERE conflicts > 0
            """
        ),
        (
            "prunes",
            """
            CREATE VIEW prunes AS  -- what was removed from the history, or brought back, and why
            SELECT strftime('%Y-%m-%dT%H:%M:%SZ', time / 1000000, 'unixepoch') AS at, change, path, loop, run_id, status,
              strftime('%Y-%m-%dT%H:%M:%SZ', ended / 1000000, 'unixepoch') AS ended_at, size,
              (SELECT group_concat(value, ', ') FROM json_each(reasons)) AS reasons
            FROM prune
            """
        ),
        (
            "mirrors",
            """
            CREATE VIEW mirrors AS  -- which run stands whole in which mirror
            SELECT mirror.path AS mirror, replace(CAST(mirrored.place AS TEXT), char(0), '/') AS path,
              lower(hex(mirrored.sums)) AS sums_sha256
            FROM mirrored JOIN mirror ON mirror.id = mirrored.mirror
            """
        ),
    ]
}
