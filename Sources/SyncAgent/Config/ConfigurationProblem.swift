package import YAMLReading

/// One thing that is wrong with a configuration file, and where.
package typealias ConfigurationProblem = SourceProblem

/// Everything that is wrong with a configuration, all at once.
package typealias ConfigurationError = SourceError
