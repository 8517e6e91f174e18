#include "push/fcm/JwtAssertion.h"

#include "carillon/Errors.h"

#include <Poco/Crypto/RSAKey.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>

#include <chrono>
#include <sstream>

namespace carillon::push::fcm
{
namespace
{

constexpr std::chrono::seconds clockSkew{10};
constexpr std::chrono::seconds longestLife{3600};
constexpr const char* messagingScope = "https://www.googleapis.com/auth/firebase.messaging";

Poco::SharedPtr<Poco::Crypto::RSAKey> readKey(const std::string& pem)
{
    std::istringstream text(pem);
    // Any passphrase: without one OpenSSL would ask for it on the terminal when the key is encrypted.
    return new Poco::Crypto::RSAKey(nullptr, &text, "none");
}

} // namespace

bool isUsableKey(const std::string& pem)
try
{
    return readKey(pem)->size() > 0;
}
catch (const Poco::Exception&)
{
    return false;
}

std::string makeAssertion(const ServiceAccount& account, const std::string& audience, TimePoint now)
try
{
    const auto issued = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch() - clockSkew;
    Poco::JWT::Token token;
    token.setType("JWT");
    if (!account.privateKeyId.empty()) token.header().set("kid", account.privateKeyId);
    token.setIssuer(account.clientEmail);
    token.setAudience(audience);
    token.payload().set("scope", std::string(messagingScope));
    token.payload().set("iat", static_cast<Poco::Int64>(issued.count()));
    token.payload().set("exp", static_cast<Poco::Int64>((issued + longestLife).count()));
    return Poco::JWT::Signer(readKey(account.privateKey)).sign(token, Poco::JWT::Signer::ALGO_RS256);
}
catch (const Poco::Exception&)
{
    throw Error("the service account's private key cannot sign; download a new key in the Firebase console");
}

} // namespace carillon::push::fcm
