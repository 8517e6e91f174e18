#include "admin/ObjectReader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::fakefcm
{

ObjectReader::ObjectReader(const Json& object, std::string place) : _object(object), _place(std::move(place))
{
    if (!_object.is_object()) throw BadRequest(fmt::format("{}: must be an object", _place.empty() ? "the body" : _place));
}

const Json* ObjectReader::field(const char* name)
{
    _known.emplace_back(name);
    return member(&_object, name);
}

std::optional<std::string> ObjectReader::string(const char* name)
{
    const Json* value = field(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) fail(name, "a string");
    return value->get<std::string>();
}

std::optional<bool> ObjectReader::boolean(const char* name)
{
    const Json* value = field(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) fail(name, "true or false");
    return value->get<bool>();
}

std::optional<double> ObjectReader::number(const char* name, double least, double most)
{
    const Json* value = field(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number() || value->get<double>() < least || value->get<double>() > most)
        fail(name, fmt::format("a number from {} to {}", least, most));
    return value->get<double>();
}

std::optional<std::uint64_t> ObjectReader::count(const char* name, std::uint64_t most)
{
    const Json* value = field(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() > most) fail(name, fmt::format("a whole number from 0 to {}", most));
    return value->get<std::uint64_t>();
}

std::vector<std::pair<std::string, std::string>> ObjectReader::strings(const char* name)
{
    std::vector<std::pair<std::string, std::string>> pairs;
    const Json* value = field(name);
    if (value == nullptr) return pairs;
    if (!value->is_object()) fail(name, "an object of strings");
    for (const auto& [key, text] : value->get_ref<const Json::object_t&>())
    {
        if (!text.is_string()) fail(name, "an object of strings");
        pairs.emplace_back(key, text.get<std::string>());
    }
    return pairs;
}

void ObjectReader::refuseOthers() const
{
    for (const auto& [key, value] : _object.get_ref<const Json::object_t&>())
    {
        if (std::find(_known.begin(), _known.end(), key) != _known.end()) continue;
        throw BadRequest(fmt::format("{}: unknown field; known are {}", place(key.c_str()), fmt::join(_known, ", ")));
    }
}

void ObjectReader::fail(const char* name, std::string_view expected) const
{
    throw BadRequest(fmt::format("{}: must be {}", place(name), expected));
}

std::string ObjectReader::place(const char* name) const { return _place.empty() ? std::string(name) : fmt::format("{}.{}", _place, name); }

} // namespace carillon::fakefcm
