// swift-tools-version: 6.2
import PackageDescription

// Set by scripts/fuzz alone, for a build of its own: our modules are fast, watched by libFuzzer and check what -O leaves out.
let isFuzzed = Context.environment["OFFICEFS_FUZZ"] != nil

let strict: [SwiftSetting] =
  [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
  + (isFuzzed ? [.unsafeFlags(["-O", "-sanitize=fuzzer", "-assert-config", "Debug"])] : [])

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"],
    exclude: ["OfficeAdminTests", "OfficeArchiveTests", "OfficeTreeTests"].contains(name)
      ? ["Golden"] : [],
    swiftSettings: strict)
}

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

// libFuzzer brings its own `main`.
let fuzzer = Target.executableTarget(
  name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver",
  swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
  linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])

let package = Package(
  name: "officefs",
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .target(name: "CFuse", dependencies: ["CFuse3"]),
    .systemLibrary(
      name: "CFuse3", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    room("OfficeModel", [crypto]),
    room("AreaCodecs", ["OfficeModel"]),
    room("TarArchive", ["CArchive"]),
    room("OfficeArchive", ["OfficeModel", "AreaCodecs", "TarArchive"]),
    room("ItemStore", ["OfficeModel", "CXXHash", grdb]),
    room("LiveStore", ["OfficeModel", "ItemStore", grdb]),
    room("BackupRepository", ["OfficeModel", "ItemStore", grdb]),
    room(
      "OfficeAdmin",
      [
        "OfficeModel", "AreaCodecs", "OfficeArchive", "ItemStore", "LiveStore", "BackupRepository",
        toml,
      ]),
    room(
      "OfficeTree",
      ["OfficeModel", "OfficeArchive", "LiveStore", "BackupRepository", "OfficeAdmin"]),
    room("FuseBridge", ["OfficeTree", "OfficeModel", "CFuse", logging]),
    room("DemoOffice", ["OfficeModel"]),
    .executableTarget(
      name: "officefs",
      dependencies: [
        "OfficeModel", "AreaCodecs", "OfficeArchive", "LiveStore", "BackupRepository",
        "OfficeAdmin", "OfficeTree",
        "FuseBridge", "DemoOffice", logging, arguments,
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["OfficeModel"], path: "Tests/TestSupport",
      swiftSettings: strict),
    tests("OfficeModelTests", ["OfficeModel"]),
    .target(
      name: "FuzzTargets",
      dependencies: ["OfficeModel", "AreaCodecs", "OfficeArchive", "OfficeAdmin", "TestSupport"],
      path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Tests",
      swiftSettings: strict),
    tests("AreaCodecsTests", ["AreaCodecs", "OfficeModel", "FuzzTargets"]),
    tests("TarArchiveTests", ["TarArchive"]),
    tests("OfficeArchiveTests", ["OfficeArchive", "OfficeModel", "AreaCodecs", "TarArchive"]),
    tests("StoreTests", ["ItemStore", "LiveStore", "OfficeModel", grdb]),
    tests(
      "BackupRepositoryTests",
      ["BackupRepository", "ItemStore", "LiveStore", "OfficeModel", "OfficeArchive", grdb]),
    tests(
      "OfficeAdminTests",
      [
        "OfficeAdmin", "BackupRepository", "ItemStore", "LiveStore", "OfficeArchive", "OfficeModel",
        "DemoOffice",
      ]),
    tests(
      "OfficeTreeTests",
      [
        "OfficeTree", "OfficeAdmin", "OfficeArchive", "BackupRepository", "LiveStore",
        "OfficeModel", grdb,
      ]
    ),
    tests("DemoOfficeTests", ["DemoOffice", "AreaCodecs", "OfficeModel"]),
    tests("MountTests", ["OfficeModel"]),
  ] + (isFuzzed ? [fuzzer] : [])
)
