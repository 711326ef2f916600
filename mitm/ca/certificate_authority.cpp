#include "mitm/ca/certificate_authority.hpp"

#include <algorithm>
#include <array>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include "mitm/ca/atomic_file.hpp"
#include "net/file/access_words.hpp"
#include "net/pem.hpp"
#include "net/text/host_name.hpp"

namespace mitm {
namespace {

constexpr mode_t key_mode = 0600;
constexpr mode_t certificate_mode = 0644;

std::string this_host() {
  constexpr std::size_t longest = 30;  // a common name holds 64 bytes in all
  std::array<char, net::text::max_host_name + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  const std::string_view host = std::string_view{name.data()}.substr(0, longest);
  return net::text::is_host_name(host) ? std::string(host) : "localhost";
}

/// Differs for every CA, so that old and new ones can be told apart in a trust store.
std::string common_name(wall_time now) {
  std::string created = to_iso_time(now);
  std::erase_if(created, [](char c) { return c == '-' || c == ':'; });
  return "zerogravity CA " + this_host() + " " + created;
}

bool name_and_sign(X509* certificate, EVP_PKEY* key, std::span<const std::string> subtrees, wall_time now) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  return add_name_entry(subject, "O", "zerogravity") && add_name_entry(subject, "CN", common_name(now)) &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
         add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         add_extension(certificate, certificate, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, certificate, NID_authority_key_identifier, "keyid:always") &&
         add_name_constraints(certificate, subtrees) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

constexpr std::string_view ways_out =
    "; restore it from a backup, or make a new CA, which clients must trust anew, with: zerogravity ca rotate";

ca_error about(const std::filesystem::path& path, const ca_error& error) {
  const bool has_way_out = error.message.find("ca rotate") != std::string::npos;
  return {path.string() + ": " + error.message + (has_way_out ? "" : std::string(ways_out))};
}

ca_error without_key(const ca_files& files) {
  return {files.key.string() + " is missing, but its certificate " + files.certificate.string() +
          " is there, which clients trust" + std::string(ways_out)};
}

bool is_content_of(const std::filesystem::path& path, const std::string& content) {
  const auto file = read_small_file(path, links::refuse);
  return file && file->content == content;
}

net::key_ptr read_key(const std::string& pem) {
  const net::bio_ptr memory{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  if (!memory) return {};
  // A key with a passphrase must fail instead of prompting on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  return net::key_ptr{PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr)};
}

ca_result<std::string> read_key_file(const std::filesystem::path& path) {
  auto file = read_small_file(path, links::refuse);
  if (!file) return file.error();
  if (file->owner != ::geteuid()) {
    return ca_error{path.string() + ": refused, the CA's key belongs to user " + std::to_string(file->owner) + "; " +
                    net::owner_words(path, "sudo chown " + std::to_string(::geteuid()) + " " + net::shell_word(path))};
  }
  if ((file->mode & 077) != 0) {
    return ca_error{path.string() + ": refused, others can read the CA's key; " +
                    net::owner_words(path, "chmod 600 " + net::shell_word(path))};
  }
  return text_result(std::move(file->content));
}

ca_result<void> keep_old(const std::filesystem::path& path, mode_t mode) {
  if (!is_present(path)) return {};
  const auto file = read_small_file(path, links::refuse);
  if (!file) return file.error();
  const auto kept = write_atomically(path.string() + ".old", file->content, mode);
  if (!kept) return kept.error();
  return {};
}

}  // namespace

ca_result<certificate_authority> certificate_authority::make(std::span<const std::string> subtrees, wall_time now) {
  // Without a permitted subtree the constraints would permit every name.
  if (subtrees.empty()) return ca_error{"no host is configured, so there is nothing a CA could be constrained to"};
  ERR_clear_error();
  const wall_time from = now - certificate_backdate;
  net::key_ptr key = make_key();
  if (!key) return openssl_error("cannot make the CA's key");
  net::x509_ptr certificate = begin_certificate(key.get(), {from, from + ca_lifetime});
  if (!certificate || !name_and_sign(certificate.get(), key.get(), subtrees, now)) {
    return openssl_error("cannot make the CA's certificate");
  }
  auto parsed = ca_certificate::make(std::move(certificate));
  if (!parsed) return parsed.error();
  return certificate_authority{*std::move(parsed), std::move(key)};
}

ca_result<certificate_authority> certificate_authority::parse(const std::string& pem, wall_time now) {
  ERR_clear_error();
  net::key_ptr key = read_key(pem);
  if (!key) return openssl_error("no private key can be read");
  auto certificates = read_certificates(pem);
  if (!certificates) return certificates.error();
  if (certificates->size() != 1) return ca_error{"expected one key and one certificate"};
  if (X509_check_private_key(certificates->front().get(), key.get()) != 1) {
    return openssl_error("the key is not that of the certificate");
  }
  auto certificate = ca_certificate::make(std::move(certificates->front()));
  if (!certificate) return certificate.error();
  if (certificate->not_after() <= now) {
    return ca_error{"the CA expired on " + to_iso_time(certificate->not_after()) + ", and this machine's clock says " +
                    to_iso_time(now) + "; if the clock is right, run: zerogravity ca rotate"};
  }
  return certificate_authority{*std::move(certificate), std::move(key)};
}

ca_result<std::string> certificate_authority::to_key_file() const {
  std::string key_pem = net::to_pem(key_.get());
  if (key_pem.empty()) return openssl_error("cannot write the CA's key as PEM");
  return text_result(key_pem + certificate_.pem());
}

/// If the published certificate belongs to another CA than the key, clients may trust it, so the user must decide. If
/// it is damaged or missing, the key's file has a copy.
ca_result<void> certificate_authority::look_at_published(const ca_files& files) {
  const std::string name = files.certificate.string();
  if (!is_present(files.certificate)) {
    mended_ = name + " was missing and was written again from " + files.key.string();
    return {};
  }
  const auto file = read_small_file(files.certificate, links::refuse);
  if (!file) return file.error();
  if (file->content == certificate_.pem()) return {};
  const bool other = ca_certificate::load(files.certificate).has_value();
  // A rotation that crashed leaves the previous CA's certificate, of which a copy was kept by then.
  if (!other) {
    mended_ = name + " was damaged and was written again from " + files.key.string();
  } else if (!is_content_of(name + ".old", file->content)) {
    return ca_error{name + " is the certificate of another CA than the key in " + files.key.string() +
                    "; restore the key that belongs to it, or have it written again from the key's file with: rm " +
                    net::shell_word(files.certificate)};
  }
  return {};
}

ca_result<void> certificate_authority::publish(const ca_files& files) {
  if (is_present(files.certificate)) {
    const auto file = read_small_file(files.certificate, links::refuse);
    if (!file) return file.error();
    if (file->content == certificate_.pem() && file->mode == certificate_mode) return {};
  }
  const auto written = write_atomically(files.certificate, certificate_.pem(), certificate_mode);
  if (!written) return written.error();
  return {};
}

ca_result<certificate_authority> certificate_authority::load(const ca_files& files, wall_time now) {
  const auto pem = read_key_file(files.key);
  if (!pem) return pem.error();
  auto loaded = parse(*pem, now);
  if (!loaded) return about(files.key, loaded.error());
  if (auto looked = loaded->look_at_published(files); !looked) return looked.error();
  if (auto published = loaded->publish(files); !published) return published.error();
  return loaded;
}

ca_result<certificate_authority> certificate_authority::open_or_create(const ca_files& files,
                                                                       std::span<const std::string> subtrees,
                                                                       wall_time now) {
  // The key is written before the certificate, so checking in this order never finds a half-made CA.
  const bool certificate_there = is_present(files.certificate);
  if (is_present(files.key)) return load(files, now);
  if (certificate_there) return without_key(files);
  if (auto made = make_directory(files.key.parent_path()); !made) return made.error();
  auto created = make(subtrees, now);
  if (!created) return created.error();
  const auto content = created->to_key_file();
  if (!content) return content.error();
  const auto written = write_atomically(files.key, *content, key_mode, existing_file::keep);
  if (!written) return written.error();
  auto loaded = load(files, now);
  if (loaded) loaded->mended_.clear();
  return loaded;
}

ca_result<certificate_authority> certificate_authority::rotate(const ca_files& files,
                                                               std::span<const std::string> subtrees, wall_time now) {
  if (auto made = make_directory(files.key.parent_path()); !made) return made.error();
  auto created = make(subtrees, now);
  if (!created) return created.error();
  const auto content = created->to_key_file();
  if (!content) return content.error();
  if (auto kept = keep_old(files.key, key_mode); !kept) return kept.error();
  if (auto kept = keep_old(files.certificate, certificate_mode); !kept) return kept.error();
  const auto written = write_atomically(files.key, *content, key_mode);
  if (!written) return written.error();
  if (auto published = created->publish(files); !published) return published.error();
  return created;
}

}  // namespace mitm
