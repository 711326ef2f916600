#include "app/service/authority.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "app/accounting/clock_check.hpp"
#include "app/config/watched_hosts.hpp"
#include "mitm/ca/atomic_file.hpp"
#include "mitm/ca/trust_bundle.hpp"

namespace app {

namespace {

/// The rest is watched only because this version does so by default, and an older one made the CA.
bool covers_asked(const mitm::ca_certificate& ca, const config& values) {
  const auto asked = mitm::intercept_policy::make(asked_hosts(values));
  return asked && ca.uncovered(asked->constraints()).empty();
}

constexpr mode_t certificate_mode = 0644;

startup_failure failure(std::string message) {
  return {exit_code::bad_state, std::move(message)};
}

startup_result<mitm::intercept_policy> policy_of(const config& values) {
  auto policy = mitm::intercept_policy::make(watched_hosts(values), provider_hosts(values));
  if (!policy) return startup_failure{exit_code::bad_config, policy.error().front().message};
  return std::move(*policy);
}

startup_result<authority> put_in_force(const config& values, const mitm::intercept_policy& policy,
                                       mitm::certificate_authority&& own) {
  auto ca = std::make_shared<const mitm::certificate_authority>(std::move(own));
  const mitm::bundle_sources sources{values.mitm.system_ca_file, values.mitm.upstream_ca_file, ca->certificate().pem()};
  if (const auto written = mitm::refresh_bundle(values.mitm.bundle_file, sources); !written) {
    return failure(written.error().message);
  }
  auto mint = mitm::leaf_mint::make(ca);
  if (!mint) return failure(mint.error().message);
  const auto missing = ca->certificate().uncovered(policy.constraints());
  auto allowed = std::make_shared<const mitm::intercept_policy>(policy.limited_to(ca->certificate().permitted()));
  return authority{ca, std::move(*mint), std::move(allowed), mitm::narrower_than_configured(missing),
                   covers_asked(ca->certificate(), values)};
}

}  // namespace

startup_result<authority> open_authority(const config& values) {
  const auto policy = policy_of(values);
  if (!policy) return policy.error();
  auto opened = mitm::certificate_authority::open_or_create(mitm::ca_files::in(values.state_dir), policy->constraints(),
                                                            std::chrono::system_clock::now());
  if (!opened) return failure(opened.error().message);
  return put_in_force(values, *policy, std::move(*opened));
}

startup_result<authority> make_authority(const config& values, const std::filesystem::path& certificate) {
  const auto policy = policy_of(values);
  if (!policy) return policy.error();
  auto made = mitm::certificate_authority::make(policy->constraints(), std::chrono::system_clock::now());
  if (!made) return failure(made.error().message);
  const auto written = mitm::write_atomically(certificate, made->certificate().pem(), certificate_mode);
  if (!written) return failure(written.error().message);
  return put_in_force(values, *policy, std::move(*made));
}

void authority_state::adopt(const authority& trusted, logger& log) {
  if (!trusted.narrower.empty()) log.warn(trusted.narrower);
  if (!trusted.ca->mended().empty()) log.warn(trusted.ca->mended());
  const mitm::validity valid{trusted.ca->certificate().not_before(), trusted.ca->certificate().not_after()};
  const auto now = std::chrono::system_clock::now();
  for (const auto& wrong : {clock_complaint(now), validity_complaint(valid, now)}) {
    if (!wrong.empty()) log.error(wrong);
  }
  const std::lock_guard lock(mutex_);
  valid_ = valid;
  narrower_ = trusted.narrower;
  suffices_ = trusted.suffices;
}

dependency authority_state::readiness(std::chrono::system_clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  const auto invalid = validity_complaint(valid_, now);
  const auto days = std::chrono::duration_cast<std::chrono::days>(valid_.until - now).count();
  auto reason = invalid.empty() ? fmt::format("expires in {} days", days) : invalid;
  if (!narrower_.empty()) reason += "; " + narrower_;
  const bool warning = !narrower_.empty() && suffices_;
  return {"ca", invalid.empty() && (narrower_.empty() || suffices_), std::move(reason), warning};
}

}  // namespace app
