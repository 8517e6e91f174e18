#pragma once

#include "config/EnumNames.h"
#include "config/Key.h"

#include <limits>
#include <type_traits>

/// Makes a Key of a chain of members, so that type, default and place of a setting are said once, by the struct.
namespace carillon::config::binding
{

template <typename Type>
struct IsOptional : std::false_type
{
};
template <typename Type>
struct IsOptional<std::optional<Type>> : std::true_type
{
};

template <typename Type>
struct IsNamedMap : std::false_type
{
};
template <typename Type>
struct IsNamedMap<std::map<std::string, Type>> : std::true_type
{
};

/// Follows the members; a map on the way is entered by name.
template <typename Object, typename Member, typename... Rest>
auto& resolve(Object& object, const std::string& name, Member member, Rest... rest)
{
    auto& next = object.*member;
    if constexpr (IsNamedMap<std::remove_reference_t<decltype(next)>>::value)
    {
        auto& entry = next[name];
        if constexpr (sizeof...(Rest) == 0)
            return entry;
        else
            return resolve(entry, name, rest...);
    }
    else
    {
        if constexpr (sizeof...(Rest) == 0)
            return next;
        else
            return resolve(next, name, rest...);
    }
}

template <typename Type>
constexpr ValueKind kindOf()
{
    if constexpr (std::is_same_v<Type, std::string>)
        return ValueKind::Text;
    else if constexpr (std::is_same_v<Type, bool>)
        return ValueKind::Boolean;
    else if constexpr (std::is_same_v<Type, int>)
        return ValueKind::Integer;
    else if constexpr (std::is_same_v<Type, double>)
        return ValueKind::Number;
    else if constexpr (std::is_same_v<Type, milliseconds>)
        return ValueKind::Duration;
    else if constexpr (std::is_same_v<Type, std::uint64_t>)
        return ValueKind::Size;
    else if constexpr (std::is_same_v<Type, std::filesystem::path>)
        return ValueKind::Path;
    else if constexpr (std::is_same_v<Type, std::vector<std::string>>)
        return ValueKind::List;
    else if constexpr (std::is_same_v<Type, std::vector<std::filesystem::path>>)
        return ValueKind::PathList;
    else
    {
        static_assert(std::is_enum_v<Type>, "no notation for this type");
        return ValueKind::Choice;
    }
}

template <typename Type>
void store(Type& member, const Value& value)
{
    if constexpr (IsOptional<Type>::value)
        store(member.emplace(), value);
    else if constexpr (std::is_enum_v<Type>)
        member = *fromName<Type>(std::get<std::string>(value));
    else if constexpr (std::is_same_v<Type, int>)
        member = static_cast<int>(std::get<std::int64_t>(value));
    else if constexpr (std::is_same_v<Type, std::uint64_t>)
        member = static_cast<std::uint64_t>(std::get<std::int64_t>(value));
    else if constexpr (std::is_same_v<Type, std::filesystem::path>)
        member = std::get<std::string>(value);
    else if constexpr (std::is_same_v<Type, std::vector<std::filesystem::path>>)
    {
        const auto& items = std::get<std::vector<std::string>>(value);
        member.assign(items.begin(), items.end());
    }
    else
        member = std::get<Type>(value);
}

template <typename Type>
std::string write(const Type& member)
{
    if constexpr (IsOptional<Type>::value)
        return member ? write(*member) : std::string();
    else if constexpr (std::is_enum_v<Type>)
        return std::string(nameOf(member));
    else if constexpr (std::is_same_v<Type, bool>)
        return member ? "true" : "false";
    else if constexpr (std::is_same_v<Type, int>)
        return std::to_string(member);
    else if constexpr (std::is_same_v<Type, double>)
        return formatNumber(member);
    else if constexpr (std::is_same_v<Type, milliseconds>)
        return formatDuration(member);
    else if constexpr (std::is_same_v<Type, std::uint64_t>)
        return formatSize(member);
    else if constexpr (std::is_same_v<Type, std::filesystem::path>)
        return member.string();
    else if constexpr (std::is_same_v<Type, std::vector<std::string>>)
        return joinList(member);
    else if constexpr (std::is_same_v<Type, std::vector<std::filesystem::path>>)
    {
        std::vector<std::string> items;
        for (const auto& path : member) items.push_back(path.string());
        return joinList(items);
    }
    else
        return member;
}

/// A key under construction; converts to it.
class KeyBuilder
{
public:
    template <typename... Members>
    explicit KeyBuilder(std::string pattern, std::string help, Members... members)
    {
        Configuration defaults;
        const auto& member = resolve(defaults, "", members...);
        using Member = std::remove_cvref_t<decltype(member)>;
        _key.pattern = std::move(pattern);
        _key.parts = splitPath(_key.pattern);
        _key.help = std::move(help);
        _key.isOptional = IsOptional<Member>::value;
        _key.defaultText = write(member);
        setKind(member);
        _key.assign = [members...](Configuration& configuration, const std::string& name, const Value& value)
        { store(resolve(configuration, name, members...), value); };
    }

    /// In the member's own notation: plain numbers, milliseconds, bytes.
    KeyBuilder& between(double least, double most)
    {
        _key.rule.least = least;
        _key.rule.most = most;
        return *this;
    }
    KeyBuilder& between(milliseconds least, milliseconds most)
    {
        return between(static_cast<double>(least.count()), static_cast<double>(most.count()));
    }
    KeyBuilder& secret()
    {
        _key.secrecy = Secrecy::Secret;
        return *this;
    }
    /// A URL that may hold a password.
    KeyBuilder& dsn()
    {
        _key.rule.kind = ValueKind::Dsn;
        _key.secrecy = Secrecy::Credentials;
        return *this;
    }
    KeyBuilder& existingFile()
    {
        _key.mustExist = true;
        return *this;
    }
    KeyBuilder& secretFile()
    {
        _key.mustExist = _key.holdsSecret = true;
        return *this;
    }
    /// What holds when nothing is given.
    KeyBuilder& otherwise(std::string text)
    {
        _key.unset = std::move(text);
        return *this;
    }

    operator Key() const { return _key; }

private:
    template <typename Member>
    void setKind(const Member&)
    {
        if constexpr (IsOptional<Member>::value)
            setKind(typename Member::value_type{});
        else
        {
            _key.rule.kind = kindOf<Member>();
            if constexpr (std::is_enum_v<Member>)
            {
                for (const auto& [value, name] : EnumNames<Member>::all) _key.rule.choices.emplace_back(name);
            }
            // A number without a range of its own must still fit its member.
            if constexpr (std::is_same_v<Member, int>) between(std::numeric_limits<int>::min(), std::numeric_limits<int>::max());
        }
    }

    Key _key;
};

} // namespace carillon::config::binding
