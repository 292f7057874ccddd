import Glibc

/// Prints a line of the result. Unbuffered: it is seen at once, also where the output goes to a file.
func say(_ line: String) { put(line + "\n", STDOUT_FILENO) }

/// Prints a line of progress.
func progress(_ line: String) { put("  \(line)\n", STDERR_FILENO) }

/// Prints why the benchmark ends.
func complain(_ line: String) { put("benchmark: \(line)\n", STDERR_FILENO) }

private func put(_ text: String, _ descriptor: Int32) {
  var text = text
  text.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
}
