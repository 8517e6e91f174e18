#pragma once

#include "schema/Json.h"
#include "schema/RapidJson.h"

#include "carillon/Errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// How JSON is read in this folder: for its .cpp files only, since it needs RapidJSON.
namespace carillon::schema
{

/// Stands between RapidJSON's reader and what is made of the events: counts depth and finds repeated names.
template <typename Next>
class GuardedHandler
{
public:
    using Ch = char;

    GuardedHandler(Next& next, std::size_t maxDepth) : _next(next), _maxDepth(maxDepth) {}

    bool Null() { return _next.Null(); }
    bool Bool(bool value) { return _next.Bool(value); }
    bool Int(int value) { return _next.Int(value); }
    bool Uint(unsigned value) { return _next.Uint(value); }
    bool Int64(std::int64_t value) { return _next.Int64(value); }
    bool Uint64(std::uint64_t value) { return _next.Uint64(value); }
    bool Double(double value) { return _next.Double(value); }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool copy) { return _next.RawNumber(text, length, copy); }
    bool String(const char* text, rapidjson::SizeType length, bool copy) { return _next.String(text, length, copy); }

    bool StartObject()
    {
        if (!enter()) return false;
        _firstName.push_back(_names.size());
        return _next.StartObject();
    }

    bool Key(const char* text, rapidjson::SizeType length, bool copy)
    {
        // Hashes are enough: who makes two names collide gets only the own message refused.
        _names.push_back(std::hash<std::string_view>{}({text, length}));
        return _next.Key(text, length, copy);
    }

    bool EndObject(rapidjson::SizeType members)
    {
        --_depth;
        const auto first = _names.begin() + static_cast<std::ptrdiff_t>(_firstName.back());
        std::sort(first, _names.end());
        if (std::adjacent_find(first, _names.end()) != _names.end())
        {
            _problem = "an object that ends here has the same name twice";
            return false;
        }
        _names.erase(first, _names.end());
        _firstName.pop_back();
        return _next.EndObject(members);
    }

    bool StartArray() { return enter() && _next.StartArray(); }

    bool EndArray(rapidjson::SizeType elements)
    {
        --_depth;
        return _next.EndArray(elements);
    }

    /// Why it stopped the reader; empty when it did not.
    const std::string& problem() const { return _problem; }

private:
    bool enter()
    {
        if (++_depth <= _maxDepth) return true;
        _problem = fmt::format("nested deeper than {} levels", _maxDepth);
        return false;
    }

    Next& _next;
    std::size_t _maxDepth;
    std::size_t _depth = 0;
    std::vector<std::size_t> _names;
    std::vector<std::size_t> _firstName;
    std::string _problem;
};

/// Sends the events of `text` to `sink`. `what` names the text in errors: "the body". Throws InvalidInput with offsets, never with content.
template <typename Sink>
void readJson(std::string_view text, const BodyLimits& limits, std::string_view what, Sink& sink)
{
    if (text.size() > limits.maxBytes)
        throw InvalidInput(
            fmt::format("{} has {} bytes, {} are allowed; make it smaller or raise the limit", what, text.size(), limits.maxBytes));

    // Iterative: a recursive parser would end the process on a body that is only brackets.
    constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    GuardedHandler<Sink> guard(sink, limits.maxDepth);
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<flags>(stream, guard);
    if (!guard.problem().empty()) throw InvalidInput(fmt::format("{} is refused at byte {}: {}", what, result.Offset(), guard.problem()));
    if (result.Code() == rapidjson::kParseErrorStringInvalidEncoding)
        throw InvalidInput(fmt::format("{} is not valid UTF-8 near byte {}", what, result.Offset()));
    if (result.IsError())
        throw InvalidInput(fmt::format("{} is not JSON at byte {}: {}", what, result.Offset(), rapidjson::GetParseError_En(result.Code())));
    // To the reader a NUL byte is the end of the text; what follows it would be seen by nobody but the next reader.
    if (stream.Tell() != text.size())
        throw InvalidInput(fmt::format("{} is not JSON at byte {}: a NUL byte after the value", what, stream.Tell()));
}

/// The same, as a tree.
inline rapidjson::Document readDocument(std::string_view text, const BodyLimits& limits, std::string_view what)
{
    rapidjson::Document document;
    const auto generate = [&](rapidjson::Document& sink)
    {
        readJson(text, limits, what, sink);
        return true;
    };
    document.Populate(generate);
    return document;
}

} // namespace carillon::schema
