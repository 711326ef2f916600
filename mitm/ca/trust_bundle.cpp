#include "mitm/ca/trust_bundle.hpp"

#include <cerrno>
#include <cstring>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "mitm/ca/atomic_file.hpp"
#include "mitm/ca/x509_parts.hpp"
#include "net/pem.hpp"

namespace mitm {
namespace {

namespace fs = std::filesystem;

constexpr mode_t bundle_mode = 0644;

ca_result<fs::path> find_system_file() {
  std::string tried;
  for (const std::string_view candidate : system_ca_files) {
    std::error_code ignored;
    if (fs::exists(candidate, ignored)) return text_result(fs::path(candidate));
    tried.append(tried.empty() ? "" : ", ").append(candidate);
  }
  return ca_error{"the system's CAs were not found (tried " + tried + "); configure mitm.system_ca_file"};
}

/// The configuration key that names the file.
ca_error named_by(const ca_error& error, std::string_view key) {
  return {error.message + " (" + std::string(key) + ")"};
}

constexpr std::string_view first_line = "# made from";
constexpr std::string_view ours_follows = "# zerogravity's own\n";

constexpr std::string_view system_key = "mitm.system_ca_file";
constexpr std::string_view extra_key = "mitm.upstream_ca_file";

class collected {
 public:
  ca_result<void> add(std::string_view pem) {
    auto certificates = read_certificates(pem);
    if (!certificates) return certificates.error();
    if (certificates->empty()) return ca_error{"it holds no certificate"};
    for (const net::x509_ptr& one : *certificates) {
      const auto [position, is_new] = seen_.insert(net::to_pem(one.get()));
      if (is_new) text_ += *position;
    }
    return {};
  }

  ca_result<void> add(const fs::path& file) {
    const auto read = read_small_file(file, links::follow);
    if (!read) return read.error();
    const auto added = add(std::string_view{read->content});
    if (!added) return ca_error{file.string() + ": " + added.error().message};
    return {};
  }

  std::string take() { return std::move(text_); }

 private:
  std::set<std::string, std::less<>> seen_;
  std::string text_;
};

/// Changes whenever the file's content may have changed.
ca_result<std::string> version_of(const fs::path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return file_error(file, errno);
  const auto number = [](auto value) { return ' ' + std::to_string(value); };
  return text_result(' ' + file.string() + number(found.st_ino) + number(found.st_size) + number(found.st_ctim.tv_sec) +
                     number(found.st_ctim.tv_nsec));
}

ca_result<std::string> origin_line(const bundle_sources& sources) {
  const auto system = sources.system.empty() ? find_system_file() : text_result(sources.system);
  if (!system) return system.error();
  std::string line(first_line);
  for (const fs::path& each : {*system, sources.extra}) {
    if (each.empty()) continue;
    const auto version = version_of(each);
    if (!version) return named_by(version.error(), each == *system ? system_key : extra_key);
    line += *version;
  }
  return text_result(line + '\n');
}

bool is_up_to_date(const fs::path& path, std::string_view content) {
  const auto file = read_small_file(path, links::refuse);
  return file && file->owner == ::geteuid() && file->mode == bundle_mode && file->content == content;
}

}  // namespace

ca_result<std::string> compose_bundle(const bundle_sources& sources) {
  const auto system = sources.system.empty() ? find_system_file() : text_result(sources.system);
  if (!system) return system.error();
  collected bundle;
  if (auto added = bundle.add(*system); !added) return named_by(added.error(), system_key);
  if (!sources.extra.empty()) {
    if (auto added = bundle.add(sources.extra); !added) return named_by(added.error(), extra_key);
  }
  if (sources.own_pem.empty()) return text_result(bundle.take());
  if (auto added = bundle.add(std::string_view{sources.own_pem}); !added) {
    return ca_error{"our own CA: " + added.error().message};
  }
  return text_result(bundle.take());
}

ca_result<bool> write_bundle(const fs::path& path, std::string_view content) {
  if (is_up_to_date(path, content)) return false;
  const auto written = write_atomically(path, content, bundle_mode);
  if (!written) return named_by(written.error(), "mitm.bundle_file");
  return true;
}

std::string_view without_ours(std::string_view bundle) {
  const auto mark = bundle.starts_with(first_line) ? bundle.rfind(ours_follows) : std::string_view::npos;
  return mark == std::string_view::npos ? std::string_view() : bundle.substr(0, mark + ours_follows.size());
}

ca_result<bool> refresh_bundle(const fs::path& path, const bundle_sources& sources) {
  const auto made_from = origin_line(sources);
  if (!made_from) return made_from.error();
  const auto file = read_small_file(path, links::refuse);
  const bool usable = file && file->owner == ::geteuid() && file->content.starts_with(*made_from);
  std::string others(usable ? without_ours(file->content) : std::string_view());
  if (others.empty()) {
    const auto content = compose_bundle({sources.system, sources.extra, {}});
    if (!content) return content.error();
    others = *made_from + *content + std::string(ours_follows);
  }
  return write_bundle(path, others + sources.own_pem);
}

}  // namespace mitm
