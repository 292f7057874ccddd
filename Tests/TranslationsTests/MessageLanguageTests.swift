import Testing
import Translations

@Suite("The language of the environment")
struct MessageLanguageTests {
  @Test(
    "LC_ALL goes before LC_MESSAGES and LANG, an empty one counts as none, and LANGUAGE is a list of wishes",
    arguments: [
      ([:], .english), (["LANG": "C.UTF-8"], .english), (["LANG": "POSIX"], .english),
      (["LANG": "es_CO.UTF-8"], .spanish), (["LANG": "es"], .spanish), (["LANG": "es@latin"], .spanish),
      (["LANG": "es_CO.UTF-8", "LC_MESSAGES": "en_US.UTF-8"], .english),
      (["LANG": "en_US.UTF-8", "LC_MESSAGES": "es_CO.UTF-8"], .spanish),
      (["LC_MESSAGES": "es_CO.UTF-8", "LC_ALL": "C"], .english),
      (["LC_MESSAGES": "en_US", "LC_ALL": "es_CO"], .spanish),
      (["LANG": "es_CO.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""], .spanish),
      (["LANG": "fr_FR.UTF-8"], .english), (["LANG": "est_EE"], .english),
      (["LANG": "en_US.UTF-8", "LANGUAGE": "fr:es:en"], .spanish),
      (["LANG": "es_CO.UTF-8", "LANGUAGE": "en"], .english), (["LANG": "C", "LANGUAGE": "es"], .english),
    ] as [([String: String], MessageLanguage)])
  func language(environment: [String: String], expected: MessageLanguage) {
    #expect(MessageLanguage { environment[$0] } == expected)
  }
}
