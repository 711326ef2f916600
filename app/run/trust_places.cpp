#include "app/run/trust_places.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace app::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* java_store = "lib/security/cacerts";
constexpr std::size_t max_listed = 256;  // entries of one folder

fs::path named(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? fs::path() : fs::path(value);
}

class finder {
 public:
  explicit finder(std::vector<fs::path>& into) : into_(into) {}

  void add(const fs::path& file) {
    std::error_code error;
    const auto real = fs::canonical(file, error);
    if (error || !fs::is_regular_file(real, error) || into_.size() >= max_trust_places) return;
    if (std::ranges::find(into_, real) == into_.end()) into_.push_back(real);
  }

 private:
  std::vector<fs::path>& into_;
};

/// Sorted, so that the limits cut off the same ones each time.
std::vector<fs::path> folders_in(const fs::path& parent, std::string_view prefix = {}) {
  std::vector<fs::path> found;
  std::error_code error;
  for (auto each = fs::directory_iterator(parent, error);
       !error && each != fs::directory_iterator() && found.size() < max_listed; each.increment(error)) {
    std::error_code ignored;
    if (each->path().filename().native().starts_with(prefix) && each->is_directory(ignored)) {
      found.push_back(each->path());
    }
  }
  std::ranges::sort(found);
  return found;
}

/// Where a program of that name is in PATH, links followed. Empty: nowhere.
fs::path in_path(const std::string& program) {
  std::error_code error;
  if (program.find('/') != std::string::npos) return fs::canonical(program, error);
  const auto path = named("PATH").native();
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find(':', at), path.size());
    const auto file = fs::path(path.substr(at, end - at)) / program;
    if (fs::is_regular_file(file, error)) return file;
    at = end + 1;
  }
  return {};
}

/// The folder above that of the program: bin/java is in a Java's home, bin/python in an environment's.
fs::path home_of(const fs::path& program) {
  return program.empty() ? fs::path() : program.parent_path().parent_path();
}

void add_java_home(finder& found, const fs::path& home) {
  if (home.empty()) return;
  found.add(home / java_store);
  found.add(home / "jre" / java_store);
}

void add_packages(finder& found, const fs::path& packages) {
  found.add(packages / "certifi/cacert.pem");
  found.add(packages / "pip/_vendor/certifi/cacert.pem");
}

/// sys.prefix of an environment or of an installation.
void add_prefix(finder& found, const fs::path& prefix) {
  if (prefix.empty()) return;
  found.add(prefix / "ssl/cacert.pem");  // Conda's OpenSSL
  for (const auto& version : folders_in(prefix / "lib", "python")) {
    add_packages(found, version / "site-packages");
    add_packages(found, version / "dist-packages");  // Debian
  }
}

}  // namespace

trust_places find_trust_places(const std::string& command, const fs::path& root) {
  trust_places all;
  std::error_code error;
  finder java(all.java);
  const auto program = in_path(command);
  add_java_home(java, named("JAVA_HOME"));
  add_java_home(java, home_of(fs::canonical(in_path("java"), error)));
  add_java_home(java, home_of(fs::canonical(program, error)));
  java.add(root / "etc/ssl/certs/java/cacerts");                      // Debian
  java.add(root / "etc/pki/ca-trust/extracted/java/cacerts");         // Fedora
  java.add(root / "etc/ca-certificates/extracted/java-cacerts.jks");  // Arch
  const auto home = named("HOME");
  for (const auto& parent :
       {root / "usr/lib/jvm", root / "opt/java", home / ".sdkman/candidates/java", home / ".jdks"}) {
    for (const auto& each : folders_in(parent)) add_java_home(java, each);
  }
  finder python(all.certifi);
  add_prefix(python, named("VIRTUAL_ENV"));
  add_prefix(python, named("CONDA_PREFIX"));
  add_prefix(python, home_of(program));
  for (const char* name : {"python3", "python"}) {
    const auto found = in_path(name);
    add_prefix(python, home_of(found));
    add_prefix(python, home_of(fs::canonical(found, error)));
  }
  for (auto folder = fs::current_path(error); !folder.empty(); folder = folder.parent_path()) {
    add_prefix(python, folder / ".venv");
    add_prefix(python, folder / "venv");
    if (folder == folder.root_path()) break;
  }
  add_prefix(python, home / ".local");
  const auto pyenv = named("PYENV_ROOT").empty() ? home / ".pyenv" : named("PYENV_ROOT");
  for (const auto& each : folders_in(pyenv / "versions")) add_prefix(python, each);
  for (const auto& prefix : {root / "usr", root / "usr/local"}) add_prefix(python, prefix);
  return all;
}

std::string java_options(const std::string& before, const fs::path& store) {
  constexpr std::string_view option = "-Djavax.net.ssl.trustStore=";
  if (before.find(option) != std::string::npos) return {};
  return before + (before.empty() ? "" : " ") + std::string(option) + store.string();
}

}  // namespace app::run
