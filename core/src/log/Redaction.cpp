#include "log/Redaction.h"

#include <Poco/DigestEngine.h>
#include <Poco/SHA2Engine.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace carillon::log
{

namespace
{

constexpr std::array sensitiveKeys{"token",         "title",          "body",        "user",     "userid",    "username",   "address",
                                   "authorization", "cookie",         "setcookie",   "password", "secret",    "privatekey", "passphrase",
                                   "apikey",        "assertion",      "credentials", "dsn",      "email",     "mail",       "phone",
                                   "patient",       "patientid",      "data",        "payload",  "firstname", "lastname",   "birthdate",
                                   "content",       "concurrencykey", "dedupekey",   "fid"};
constexpr std::array sensitiveEndings{"token", "secret", "password", "privatekey", "credentials", "userid", "patientid", "apikey"};

constexpr std::size_t longestPlainRun = 99;

bool isLetterOrDigit(char character) { return std::isalnum(static_cast<unsigned char>(character)) != 0; }

bool isTokenCharacter(char character)
{
    return isLetterOrDigit(character) || character == '-' || character == '_' || character == ':' || character == '+' || character == '=';
}

bool isCredentialCharacter(char character)
{
    return isTokenCharacter(character) || character == '.' || character == '/' || character == '~';
}

bool isMailCharacter(char character)
{
    return isLetterOrDigit(character) || character == '.' || character == '_' || character == '%' || character == '+' || character == '-';
}

bool equalsIgnoringCase(std::string_view left, std::string_view right)
{
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(),
                      [](unsigned char one, unsigned char other) { return std::tolower(one) == std::tolower(other); });
}

template <typename Predicate>
std::size_t runLength(std::string_view text, std::size_t from, Predicate belongs)
{
    std::size_t length = 0;
    while (from + length < text.size() && belongs(text[from + length])) ++length;
    return length;
}

/// One secret found: what is before `begin` stays, what is before `end` goes.
struct Span
{
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// `Bearer x`, `Basic x`: the scheme stays. Words that merely follow in a sentence are shorter than any credential.
bool findCredentials(std::string_view text, std::size_t at, Span& span)
{
    constexpr std::size_t shortestCredential = 6;
    for (const std::string_view scheme : {"Bearer ", "Basic "})
    {
        if (!equalsIgnoringCase(text.substr(at, scheme.size()), scheme)) continue;
        const auto begin = at + scheme.size();
        const auto length = runLength(text, begin, isCredentialCharacter);
        if (length < shortestCredential) continue;
        span = {begin, begin + length};
        return true;
    }
    return false;
}

/// JSON Web Tokens begin with `{"` in Base64, Google's access tokens with `ya29.`.
bool findToken(std::string_view text, std::size_t at, Span& span)
{
    for (const std::string_view beginning : {"eyJ", "ya29."})
    {
        if (text.substr(at, beginning.size()) != beginning) continue;
        const auto length = runLength(text, at, [](char character) { return isTokenCharacter(character) || character == '.'; });
        if (length < beginning.size() + 8) continue;
        span = {at, at + length};
        return true;
    }
    return false;
}

bool findPrivateKey(std::string_view text, std::size_t at, Span& span)
{
    constexpr std::string_view begin = "-----BEGIN ";
    if (text.substr(at, begin.size()) != begin) return false;
    if (text.substr(at, 60).find("PRIVATE KEY") == std::string_view::npos) return false;
    const auto end = text.find("-----END ", at);
    const auto last = end == std::string_view::npos ? end : text.find("-----", end + 9);
    span = {at, last == std::string_view::npos ? text.size() : last + 5};
    return true;
}

/// `scheme://user:password@host`: scheme and host stay.
bool findUrlCredentials(std::string_view text, std::size_t at, Span& span)
{
    if (text.substr(at, 3) != "://") return false;
    const auto begin = at + 3;
    const auto length =
        runLength(text, begin, [](char character) { return character > ' ' && character != '/' && character != '?' && character != '"'; });
    const auto last = text.substr(begin, length).rfind('@');
    if (last == std::string_view::npos || last == 0) return false;
    span = {begin, begin + last};
    return true;
}

/// A word around an `@` with a dot behind it.
bool findMail(std::string_view text, std::size_t at, std::size_t copied, Span& span)
{
    if (text[at] != '@') return false;
    std::size_t begin = at;
    while (begin > copied && isMailCharacter(text[begin - 1])) --begin;
    const auto length =
        runLength(text, at + 1, [](char character) { return isLetterOrDigit(character) || character == '.' || character == '-'; });
    const auto domain = text.substr(at + 1, length);
    const auto dot = domain.rfind('.');
    if (begin == at || dot == std::string_view::npos || dot == 0) return false;
    // `package@1.2` is none.
    const auto top = domain.substr(dot + 1);
    const bool isTopLevel =
        top.size() != 1 && std::none_of(top.begin(), top.end(), [](unsigned char letter) { return std::isdigit(letter) != 0; });
    if (!isTopLevel) return false;
    span = {begin, at + 1 + length};
    return true;
}

bool findLongRun(std::string_view text, std::size_t at, Span& span)
{
    const auto length = runLength(text, at, isTokenCharacter);
    if (length <= longestPlainRun) return false;
    span = {at, at + length};
    return true;
}

} // namespace

bool isSensitiveKey(std::string_view key)
{
    std::array<char, 64> plain{};
    std::size_t length = 0;
    for (const char character : key)
    {
        if (character == '_' || character == '-' || character == '.') continue;
        // No key of ours is so long; one that is may be anything.
        if (length == plain.size()) return true;
        plain[length++] = static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
    }
    const std::string_view name(plain.data(), length);
    return std::find(sensitiveKeys.begin(), sensitiveKeys.end(), name) != sensitiveKeys.end() ||
           std::any_of(sensitiveEndings.begin(), sensitiveEndings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

std::string redacted(std::string_view text)
{
    std::string result;
    std::size_t copied = 0;
    std::size_t runEnd = 0;
    for (std::size_t at = 0; at < text.size();)
    {
        Span span;
        const char character = text[at];
        bool isFound = false;
        // A credential, token or run begins where a word begins; only then is it looked for.
        const bool isWordBegin = at >= runEnd && isTokenCharacter(character);
        if (isWordBegin)
            isFound = findCredentials(text, at, span) || findToken(text, at, span) || findPrivateKey(text, at, span) ||
                      findLongRun(text, at, span);
        if (isWordBegin && !isFound) runEnd = at + runLength(text, at, [](char each) { return isLetterOrDigit(each) || each == '_'; });
        if (!isFound && character == ':') isFound = findUrlCredentials(text, at, span);
        if (!isFound && character == '@') isFound = findMail(text, at, copied, span);
        if (!isFound)
        {
            ++at;
            continue;
        }
        result.append(text.substr(copied, span.begin - copied)).append(redactionMark);
        copied = at = span.end;
    }
    result.append(text.substr(copied));
    return result;
}

std::string fingerprint(std::string_view secret)
{
    constexpr std::size_t digits = 12;
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    engine.update(secret.data(), secret.size());
    return Poco::DigestEngine::digestToHex(engine.digest()).substr(0, digits);
}

} // namespace carillon::log
