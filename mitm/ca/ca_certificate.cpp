#include "mitm/ca/ca_certificate.hpp"

#include <algorithm>

#include "mitm/ca/atomic_file.hpp"
#include "net/pem.hpp"
#include "net/text/host_name.hpp"

namespace mitm {
namespace {

std::string subject_of(const X509* certificate) {
  const net::bio_ptr memory{BIO_new(BIO_s_mem())};
  if (!memory) return {};
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string{};
}

}  // namespace

ca_files ca_files::in(const std::filesystem::path& state_dir) {
  return {.key = state_dir / "ca-key.pem", .certificate = state_dir / "ca.pem"};
}

ca_result<ca_certificate> ca_certificate::make(net::x509_ptr certificate) {
  const auto from = to_wall_time(X509_get0_notBefore(certificate.get()));
  const auto until = to_wall_time(X509_get0_notAfter(certificate.get()));
  auto permitted = permitted_subtrees(certificate.get());
  if (!from || !until) return openssl_error("the CA certificate has no readable validity");
  if (X509_check_ca(certificate.get()) != 1) return ca_error{"the certificate is not that of a CA"};
  if (!permitted || permitted->empty()) {
    return ca_error{"the CA certificate is not constrained to host names; run: zerogravity ca rotate"};
  }
  ca_certificate made;
  made.pem_ = net::to_pem(certificate.get());
  made.subject_ = subject_of(certificate.get());
  made.fingerprint_ = sha256_fingerprint(certificate.get());
  made.period_ = {*from, *until};
  made.permitted_ = *std::move(permitted);
  made.certificate_ = std::move(certificate);
  return made;
}

ca_result<ca_certificate> ca_certificate::load(const std::filesystem::path& path) {
  const auto file = read_small_file(path, links::follow);
  if (!file) return file.error();
  auto certificates = read_certificates(file->content);
  if (!certificates) return ca_error{path.string() + ": " + certificates.error().message};
  if (certificates->size() != 1) return ca_error{path.string() + ": expected one certificate"};
  auto made = make(std::move(certificates->front()));
  if (!made) return ca_error{path.string() + ": " + made.error().message};
  return made;
}

bool ca_certificate::covers(std::string_view name) const noexcept {
  return std::any_of(permitted_.begin(), permitted_.end(),
                     [name](const std::string& subtree) { return net::text::is_in_subtree(name, subtree); });
}

std::vector<std::string> ca_certificate::uncovered(std::span<const std::string> configured) const {
  std::vector<std::string> missing;
  std::copy_if(configured.begin(), configured.end(), std::back_inserter(missing),
               [this](const std::string& subtree) { return !covers(subtree); });
  return missing;
}

std::string narrower_than_configured(std::span<const std::string> uncovered) {
  if (uncovered.empty()) return {};
  constexpr std::size_t shown = 8;
  std::string names;
  for (const std::string& name : uncovered.first(std::min(shown, uncovered.size())))
    names += (names.empty() ? "" : ", ") + name;
  if (uncovered.size() > shown) names += " and " + std::to_string(uncovered.size() - shown) + " more hosts";
  return "the CA is narrower than configured: it does not cover " + names +
         ", whose connections are therefore not intercepted; run `zerogravity ca rotate` to make a CA that does, then "
         "install it wherever the old one is trusted";
}

}  // namespace mitm
