import Support
import Testing

@testable import Agent

@Suite("The order of changes that share addresses")
struct AddressOrderTests {
  @Test("Changes that share no address go together")
  func unrelated() {
    var order = AddressOrder()
    for ticket in 1...3 { order.admit(ticket, primary: "a\(ticket)@example.org") }
    #expect(order.take(10) == [1, 2, 3])
    #expect(order.take(10) == [])
  }

  @Test("Changes of one address go one after the other, in the order of admission")
  func sameAddress() {
    var order = AddressOrder()
    for ticket in 1...3 { order.admit(ticket, primary: "a@example.org") }
    for ticket in 1...3 {
      #expect(order.take(10) == [ticket])
      #expect(order.take(10) == [])
      order.finish(ticket)
    }
    #expect(order.count == 0)
  }

  @Test("An alias is as good as a primary")
  func alias() {
    var order = AddressOrder()
    order.admit(1, primary: "a@example.org", addresses: ["b@example.org"])
    order.admit(2, primary: "b@example.org")
    #expect(order.take(10) == [1])
    order.finish(1)
    #expect(order.take(10) == [2])
  }

  @Test("A delete waits for, and blocks, the aliases that earlier changes under way give to its account")
  func companions() {
    var order = AddressOrder()
    order.admit(1, primary: "a@example.org", addresses: ["b@example.org"])
    order.admit(2, primary: "a@example.org")  // the delete: frees b@ too, without naming it
    order.admit(3, primary: "b@example.org")  // a create of b@
    #expect(order.take(10) == [1])
    order.finish(1)
    #expect(order.take(10) == [2])
    order.finish(2)
    #expect(order.take(10) == [3])
  }

  @Test("After a rename the new name stands for all the account's addresses")
  func rename() {
    var order = AddressOrder()
    order.admit(1, primary: "a@example.org", renamedTo: "c@example.org", addresses: ["b@example.org", "c@example.org"])
    order.admit(2, primary: "c@example.org")
    order.admit(3, primary: "b@example.org")
    #expect(order.take(10) == [1])
    order.finish(1)
    #expect(order.take(10) == [2])
  }

  @Test("A rename to a name that is in use forgets nothing of the account that has it")
  func renameToNameInUse() {
    var order = AddressOrder()
    order.admit(1, primary: "a@example.org", addresses: ["x@example.org"])
    order.admit(2, primary: "b@example.org", renamedTo: "a@example.org", addresses: ["a@example.org"])
    order.admit(3, primary: "c@example.org", addresses: ["x@example.org"])
    order.admit(4, primary: "a@example.org")  // frees x@ where the rename failed
    #expect(order.take(10) == [1])
    order.finish(1)
    #expect(Set(order.take(10)) == [2, 3])
    order.finish(2)
    #expect(order.take(10) == [])
    order.finish(3)
    #expect(order.take(10) == [4])
  }

  @Test("Changes that only refer to an address go together, but not with one of that address")
  func references() {
    var order = AddressOrder()
    order.admit(1, primary: "a@example.org", references: ["list@example.org"])
    order.admit(2, primary: "b@example.org", references: ["list@example.org"])
    order.admit(3, primary: "list@example.org")
    order.admit(4, primary: "c@example.org", references: ["list@example.org"])
    order.admit(5, primary: "d@example.org", references: ["list@example.org"])
    #expect(order.take(10) == [1, 2])
    order.finish(1)
    #expect(order.take(10) == [])
    order.finish(2)
    #expect(order.take(10) == [3])
    order.finish(3)
    #expect(order.take(10) == [4, 5])
  }

  @Test("A change that names its own address twice doesn't wait for itself")
  func selfReference() {
    var order = AddressOrder()
    order.admit(1, primary: "a@example.org", addresses: ["a@example.org"], references: ["a@example.org"])
    #expect(order.take(10) == [1])
  }

  @Test("What goes aside comes before all that can't be taken yet, and waits for what was taken")
  func aside() {
    var order = AddressOrder()
    order.admit(1, primary: "given@example.org")  // gives an address, and will wait for the clock
    order.admit(2, primary: "member@example.org", references: ["given@example.org"])  // waits behind it
    #expect(order.take(10) == [1])
    order.admit(3, [AddressOrder.Touch(primary: "member@example.org", isAside: true)])
    #expect(order.take(10) == [3], "else 1 would wait for 3, which waited for 2, which waits for 1")
    order.finish(1)
    #expect(order.take(10) == [], "2 waits for 3, which came before it")
    order.finish(3)
    #expect(order.take(10) == [2])
    order.admit(4, primary: "member@example.org")
    order.admit(5, [AddressOrder.Touch(primary: "member@example.org", isAside: true)])
    #expect(order.take(10) == [], "2 was taken")
    order.finish(2)
    #expect(order.take(10) == [5])
    order.finish(5)
    #expect(order.take(10) == [4])
    order.finish(4)
    #expect(order.count == 0)
  }

  @Test("One that was delayed and leaves before its turn leaves the way free")
  func asideOfOneThatLeaves() {
    var order = AddressOrder()
    order.admit(1, primary: "given@example.org")
    order.admit(2, primary: "member@example.org", references: ["given@example.org"])
    order.admit(3, [AddressOrder.Touch(primary: "member@example.org", isAside: true)])
    order.admit(4, primary: "member@example.org")
    #expect(order.take(10) == [1, 3])
    order.finish(2)
    #expect(order.take(10) == [])
    order.finish(3)
    #expect(order.take(10) == [4])
  }

  @Test("What was taken, and was not sent, lets pass what goes aside")
  func yielding() {
    var order = AddressOrder()
    order.admit(1, primary: "member@example.org")
    order.admit(2, [AddressOrder.Touch(primary: "member@example.org", isAside: true)])
    order.admit(3, primary: "member@example.org")
    #expect(order.take(10) == [1])
    order.yield(1)
    #expect(order.take(10) == [2])
    var mayGoOn = order.resume(1)
    #expect(!mayGoOn)
    order.admit(4, [AddressOrder.Touch(primary: "member@example.org", isAside: true)])
    #expect(order.take(10) == [], "two of them go one after the other")
    order.finish(2)
    #expect(order.take(10) == [4])
    mayGoOn = order.resume(1)
    #expect(!mayGoOn)
    order.finish(4)
    mayGoOn = order.resume(1)
    #expect(mayGoOn && order.take(10) == [], "it was taken before")
    order.finish(1)
    #expect(order.take(10) == [3])
  }

  @Test("10,000 changes of one address, and 10,000 of as many, cost no more than they name")
  func large() {
    var order = AddressOrder()
    for ticket in 0..<10_000 { order.admit(ticket, primary: "a@example.org") }
    for ticket in 10_000..<20_000 { order.admit(ticket, primary: "b\(ticket)@example.org") }
    var done = 0
    while let ticket = order.take(1).first {
      order.finish(ticket)
      done += 1
    }
    #expect(done == 20_000)
    #expect(order.count == 0)
  }

  @Test("Who shares no address with what is stuck or waits goes past; who was passed over keeps the order")
  func barriers() {
    var order = AddressOrder()
    func touch(_ primary: String, _ references: Set<String> = []) -> [AddressOrder.Touch] {
      [AddressOrder.Touch(primary: primary, references: references)]
    }
    order.admit(1, touch("stuck"))
    order.admit(2, touch("stuck", ["owner"]))
    order.admit(3, touch("moving"))
    #expect(order.take(10) == [1, 3])
    #expect(order.bar([1]) == 2, "the stuck one, and the one behind it")
    #expect(order.isBarred(touch("stuck")))
    #expect(order.isBarred(touch("owner")), "the one that waits refers to it")
    #expect(!order.isBarred(touch("other", ["owner"])), "who refers to it too doesn't wait")
    #expect(!order.isBarred(touch("moving")))
    order.passOver(touch("stuck") + touch("further"))
    #expect(order.isBarred(touch("further")))
    order.finish(1)
    #expect(order.bar([]) == 0 && !order.isBarred(touch("further")) && !order.isBarred(touch("stuck")))
  }

  @Test("Whatever the mixture: never two with a common address at once, always the order of admission, nobody left")
  func random() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      var order = AddressOrder()
      var names: [Int: Set<String>] = [:]
      var aside: Set<Int> = []
      for ticket in 0..<60 {
        let pick = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
          "\(Int.random(in: 0..<12, using: &generator))@example.org"
        }
        names[ticket] = Set(pick)
        if Int.random(in: 0..<8, using: &generator) == 0 {
          names[ticket] = [pick[0]]
          aside.insert(ticket)
          order.admit(ticket, [AddressOrder.Touch(primary: pick[0], isAside: true)])
        } else {
          order.admit(ticket, primary: pick[0], addresses: Set(pick))
        }
      }
      var running: Set<Int> = []
      var finished: Set<Int> = []
      while finished.count < 60 {
        for ticket in order.take(Int.random(in: 1...5, using: &generator)) {
          for other in running where !(aside.contains(other) && aside.contains(ticket)) {
            #expect(names[other]!.isDisjoint(with: names[ticket]!))
          }
          if !aside.contains(ticket) {
            for earlier in 0..<ticket where !names[earlier]!.isDisjoint(with: names[ticket]!) {
              #expect(finished.contains(earlier))
            }
          }
          running.insert(ticket)
        }
        guard let ticket = running.randomElement(using: &generator) else {
          Issue.record("nothing runs and something is left")
          return
        }
        running.remove(ticket)
        finished.insert(ticket)
        order.finish(ticket)
      }
      #expect(order.count == 0)
    }
  }
}

extension AddressOrder {
  /// Takes up to so many.
  fileprivate mutating func take(_ limit: Int) -> [Ticket] {
    var taken: [Ticket] = []
    while taken.count < limit, let ticket = take() { taken.append(ticket) }
    return taken
  }
}

extension AddressOrder {
  fileprivate mutating func admit(
    _ ticket: Ticket, primary: String, renamedTo: String? = nil, addresses: Set<String> = [],
    references: Set<String> = []
  ) {
    admit(ticket, [Touch(primary: primary, renamedTo: renamedTo, addresses: addresses, references: references)])
  }
}
