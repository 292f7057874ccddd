internal import ArgumentParser
internal import Files
internal import Forms
internal import Installation
internal import Register
internal import Text

/// A plan at the command line that a form is submitted with.
enum FormPlanFile {
  /// Reads the plan of a form, and checks what can be checked without the directory.
  ///
  /// - Parameter bytes: the form exactly as it is submitted.
  /// - Returns: the plan's bytes.
  /// - Throws: ``Failure``: 66 where it can't be read, 65 where it can't bind the form.
  static func read(_ path: String, of request: Request, bytes: [UInt8]) throws -> [UInt8] {
    let shown = displayed(path.utf8)
    let limit = PlanFile.limit(formSize: bytes.count)
    let plan: [UInt8]
    do {
      plan = try readFile(path, limit: limit)
    } catch {
      if error.isTooLarge {
        throw Failure(
          "\(shown): a plan of this form has \(limit) bytes at most; plan it again (buzon plan FORM --out PLAN)",
          .dataError)
      }
      throw Failure("\(error); name the file that buzon plan --out wrote", .noInput)
    }
    do throws(PlanFile.Fault) {
      let file = try PlanFile(reading: plan)
      let digest = Register.digest(of: bytes)
      if let fault = file.fault(with: digest, number: request.number, changes: request.changes.count) { throw fault }
    } catch {
      throw Failure("\(shown): \(error.problem); \(error.remedy)", .dataError)
    }
    return plan
  }
}
