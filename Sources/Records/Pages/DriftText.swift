extension Pages {
  /// What was changed outside Buzón, in the page's words: by the form's keys where an attribute has one, else by the
  /// attribute's name. A page in English names the attributes, as `buzon drift` does.
  ///
  /// - Parameter isRemoved: what `entry` stands for.
  func driftText(_ attributes: [String], isRemoved: Bool = false) -> String {
    var texts: [String] = []
    for attribute in attributes {
      let text =
        if attribute == "entry" {
          (isRemoved ? Word.driftRemoved : .driftEntry).text(language)
        } else if language == .es, let word = Self.attributeWords[attribute.lowercased()] {
          word.text(language).lowercased()
        } else {
          attribute
        }
      // Several attributes hold one name.
      if text == attribute || !texts.contains(text) { texts.append(text) }
    }
    return texts.joined(separator: ", ")
  }

  /// As the table of `Schema` has them; in small letters.
  private static let attributeWords: [String: Word] = [
    "mail": .address, "maillocaladdress": .aliases, "cn": .name, "sn": .name, "givenname": .name, "displayname": .name,
    "employeenumber": .document, "title": .position, "ou": .department, "telephonenumber": .phone,
    "buzonowner": .owner, "buzonlist": .lists, "buzonmember": .members, "buzonforward": .forward,
    "buzonkeepcopy": .keepCopy, "buzonquota": .quota, "buzonexpires": .expires, "buzonstatus": .status,
    "buzonkind": .kind,
  ]
}
