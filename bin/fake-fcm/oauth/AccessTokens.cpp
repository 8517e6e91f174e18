#include "oauth/AccessTokens.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace carillon::fakefcm
{

std::string AccessTokens::issue()
{
    std::array<unsigned char, 24> random{};
    if (RAND_bytes(random.data(), random.size()) != 1) throw std::runtime_error("OpenSSL has no random bytes");
    std::string token = "ya29.fake-";
    for (const unsigned char byte : random) token += fmt::format("{:02x}", byte);
    _expiry.emplace(token, _clock.now() + _life);
    ++_issued;
    return token;
}

AccessTokens::Verdict AccessTokens::check(std::string_view token) const
{
    const auto found = _expiry.find(token);
    if (found == _expiry.end()) return Verdict::Unknown;
    return _clock.now() < found->second ? Verdict::Valid : Verdict::Expired;
}

void AccessTokens::revokeAll()
{
    for (auto& [token, expiry] : _expiry) expiry = VirtualClock::TimePoint::min();
}

} // namespace carillon::fakefcm
