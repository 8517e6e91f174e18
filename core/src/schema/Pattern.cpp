#include "schema/Pattern.h"

#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>

namespace carillon::schema
{

namespace
{

/// One wchar_t a code point, so that `.` and `[é]` mean characters and not bytes.
std::wstring codePoints(std::string_view text)
{
    const Poco::UTF8Encoding encoding;
    const std::string copy(text);
    std::wstring result;
    result.reserve(text.size());
    for (Poco::TextIterator current(copy, encoding), end(copy); current != end; ++current) result.push_back(static_cast<wchar_t>(*current));
    return result;
}

} // namespace

// __polynomial is libstdc++'s: it chooses the breadth-first matcher, linear in the text, and refuses back-references.
Pattern::Pattern(std::string_view expression)
    : _expression(codePoints(expression), std::regex_constants::ECMAScript | std::regex_constants::__polynomial)
{
}

bool Pattern::matches(std::string_view text) const
{
    constexpr std::size_t longestCodePoint = 4;
    if (text.size() > maxLength * longestCodePoint) return false;
    const std::wstring characters = codePoints(text);
    return characters.size() <= maxLength && std::regex_search(characters, _expression);
}

} // namespace carillon::schema
