import Testing

@testable import OfficeAdmin

@Suite("The text of settings, before TOML's reader gets it")
struct SettingsTextTests {
  @Test(
    "A list, or a section without a name, is refused with its line, wherever it stands",
    arguments: [
      ("a = [}", 1), ("a = 1\n-= [}]\r", 2), ("a = {b = [}}", 1),
      ("a = \"\"\"x\"\"\"\"\nb = [1]", 2),
      ("a = '''\n[\n''' # [\nb = {c = [", 4), ("[ ]", 1), ("[a]\n [[ ]]", 2), ("a = \"\\\"\" [", 1),
      ("a = {b = \"\"\"x\"\"\"\", c = [}}", 1), ("\r[a]", 1), ("a = \"\nb = [}", 2),
      ("a = \"\\\nb = [}", 2),
    ])
  func refused(text: String, line: Int) {
    #expect(SettingsText.fault(in: text)?.line == line)
  }

  @Test(
    "Brackets in texts, comments and the names of sections are none of these",
    arguments: [
      "", "[a]\nb = 1", "\u{FEFF}[a]", "[[a]]", "[ \"a\" ]\nb = \"[\"", "a = '[' # [",
      "a = \"\"\"\n[\n\"\"\"", "'[' = 1", "a = \"\\\"[\"", "a = \"\"\nb = ''\n[c]", "a = {b = 1}",
    ])
  func letThrough(text: String) {
    #expect(SettingsText.fault(in: text) == nil)
  }
}
