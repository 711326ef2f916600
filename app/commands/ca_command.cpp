#include "app/commands/ca_command.hpp"

#include <string_view>
#include <system_error>

#include "mitm/ca/certificate_authority.hpp"
#include "mitm/ca/trust_bundle.hpp"
#include "mitm/ca/trust_variables.hpp"
#include "mitm/policy/intercept_policy.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;

int fail(ca_output output, std::string_view message) {
  output.err << "zerogravity ca: " << message << '\n';
  return ca_failed;
}

int fail_without_ca(ca_output output, const fs::path& missing) {
  return fail(output, missing.string() +
                          " does not exist yet; the first start of `zerogravity serve` creates it, "
                          "or run `zerogravity ca bundle` now");
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

mitm::ca_result<std::vector<std::string>> constraints_of(const std::vector<std::string>& patterns) {
  const auto policy = mitm::intercept_policy::make(patterns);
  if (!policy) return mitm::ca_error{"mitm.hosts: " + policy.error().front().message};
  return policy->constraints();
}

mitm::ca_result<void> write_combined(const ca_request& request, const mitm::ca_certificate& own) {
  const auto content = mitm::compose_bundle({request.system_ca_file, request.extra_ca_file, own.pem()});
  if (!content) return content.error();
  const auto written = mitm::write_bundle(request.bundle_file, *content);
  if (!written) return written.error();
  return {};
}

void print_certificate(std::ostream& out, const mitm::ca_certificate& certificate) {
  out << "subject      " << certificate.subject() << '\n'
      << "fingerprint  SHA-256 " << certificate.fingerprint() << '\n'
      << "valid        " << mitm::to_iso_time(certificate.not_before()) << " to "
      << mitm::to_iso_time(certificate.not_after()) << '\n';
  for (const std::string& subtree : certificate.permitted()) {
    out << "permitted    " << subtree << " and names below it\n";
  }
}

void print_files(std::ostream& out, const ca_request& request, const mitm::ca_files& files) {
  out << "certificate  " << files.certificate.string() << '\n'
      << "key          " << files.key.string() << '\n'
      << "bundle       " << request.bundle_file.string() << (is_there(request.bundle_file) ? "" : "  (not written yet)")
      << '\n';
}

/// An existing CA is loaded without its key, so that `ca bundle` works for users who may not read the key.
mitm::ca_result<mitm::ca_certificate> certificate_or_new(const ca_request& request, mitm::wall_time now) {
  const auto files = mitm::ca_files::in(request.state_dir);
  if (!is_there(files.certificate)) {
    const auto subtrees = constraints_of(request.hosts);
    if (!subtrees) return subtrees.error();
    const auto made = mitm::certificate_authority::open_or_create(files, *subtrees, now);
    if (!made) return made.error();
  }
  return mitm::ca_certificate::load(files.certificate);
}

}  // namespace

int ca_show(const ca_request& request, ca_output output) {
  const auto files = mitm::ca_files::in(request.state_dir);
  if (!is_there(files.certificate)) return fail_without_ca(output, files.certificate);
  const auto certificate = mitm::ca_certificate::load(files.certificate);
  if (!certificate) return fail(output, certificate.error().message);
  const auto configured = constraints_of(request.hosts);
  if (!configured) return fail(output, configured.error().message);
  print_certificate(output.out, *certificate);
  print_files(output.out, request, files);
  const auto missing = certificate->uncovered(*configured);
  if (!missing.empty()) output.err << "warning: " << mitm::narrower_than_configured(missing) << '\n';
  return ca_done;
}

int ca_path(const ca_request& request, ca_output output) {
  const fs::path certificate = mitm::ca_files::in(request.state_dir).certificate;
  if (!is_there(certificate)) return fail_without_ca(output, certificate);
  output.out << certificate.string() << '\n';
  return ca_done;
}

int ca_bundle(const ca_request& request, ca_output output, std::chrono::system_clock::time_point now) {
  const auto certificate = certificate_or_new(request, now);
  if (!certificate) return fail(output, certificate.error().message);
  if (auto written = write_combined(request, *certificate); !written) return fail(output, written.error().message);
  output.out << request.bundle_file.string() << '\n';
  return ca_done;
}

int ca_env(const ca_request& request, ca_output output) {
  const fs::path certificate = mitm::ca_files::in(request.state_dir).certificate;
  for (const fs::path& needed : {certificate, request.bundle_file}) {
    if (!is_there(needed)) return fail_without_ca(output, needed);
  }
  for (const auto& [name, value] : mitm::trust_variables(request.bundle_file, certificate)) {
    output.out << "export " << name << '=' << shell_quoted(value) << '\n';
  }
  return ca_done;
}

int ca_rotate(const ca_request& request, ca_output output, std::chrono::system_clock::time_point now) {
  const auto files = mitm::ca_files::in(request.state_dir);
  const auto subtrees = constraints_of(request.hosts);
  if (!subtrees) return fail(output, subtrees.error().message);
  const auto made = mitm::certificate_authority::rotate(files, *subtrees, now);
  if (!made) return fail(output, made.error().message);
  print_certificate(output.out, made->certificate());
  print_files(output.out, request, files);
  if (auto written = write_combined(request, made->certificate()); !written)
    return fail(output, written.error().message);
  output.out
      << "The old CA is kept as *.old. Restart the service, and install the new CA wherever the old one is trusted.\n";
  return ca_done;
}

}  // namespace app
