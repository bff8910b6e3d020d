using System.Text.Json;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// The published structures, cut off at every place and changed at every place: a prefix is never accepted, and whatever is accepted
/// is written back as it was read.
/// </summary>
public sealed class CanonicalEncodingTests
{
    private delegate void Decoder(ref TlsReader reader, TlsWriter writer);

    private static readonly Dictionary<string, Decoder> Structures = new()
    {
        ["mls_welcome"] = Whole<MlsMessage>,
        ["mls_group_info"] = Whole<MlsMessage>,
        ["mls_key_package"] = Whole<MlsMessage>,
        ["ratchet_tree"] = Tree,
        ["group_secrets"] = Whole<GroupSecrets>,
        ["add_proposal"] = static (ref TlsReader reader, TlsWriter writer) => AddProposal.DecodeBody(ref reader).EncodeBody(writer),
        ["update_proposal"] = static (ref TlsReader reader, TlsWriter writer) => UpdateProposal.DecodeBody(ref reader).EncodeBody(writer),
        ["remove_proposal"] = static (ref TlsReader reader, TlsWriter writer) => RemoveProposal.DecodeBody(ref reader).EncodeBody(writer),
        ["pre_shared_key_proposal"] = static (ref TlsReader reader, TlsWriter writer) =>
            PreSharedKeyProposal.DecodeBody(ref reader).EncodeBody(writer),
        ["re_init_proposal"] = static (ref TlsReader reader, TlsWriter writer) => ReInitProposal.DecodeBody(ref reader).EncodeBody(writer),
        ["external_init_proposal"] = static (ref TlsReader reader, TlsWriter writer) =>
            ExternalInitProposal.DecodeBody(ref reader).EncodeBody(writer),
        ["group_context_extensions_proposal"] =
            static (ref TlsReader reader, TlsWriter writer) => GroupContextExtensionsProposal.DecodeBody(ref reader).EncodeBody(writer),
        ["commit"] = Whole<Commit>,
        ["public_message_application"] = Whole<MlsMessage>,
        ["public_message_proposal"] = Whole<MlsMessage>,
        ["public_message_commit"] = Whole<MlsMessage>,
        ["private_message"] = Whole<MlsMessage>,
    };

    public static TheoryData<string> Names => [.. Structures.Keys];

    private static IEnumerable<JsonElement> Cases =>
        Holdfast.Tests.Vectors.Json("mls/messages.json").EnumerateArray().Take(Holdfast.Tests.LongRun.IsWanted ? int.MaxValue : 3);

    [Theory, MemberData(nameof(Names))]
    public void NoPrefixIsAcceptedNorAByteTooMany(string name)
    {
        foreach (var vector in Cases)
        {
            byte[] whole = Convert.FromHexString(vector.GetProperty(name).GetString()!);
            Assert.Equal(whole, Read(name, whole));
            for (int length = 0; length < whole.Length; length++) Assert.Null(Read(name, whole[..length]));
            Assert.Null(Read(name, [.. whole, 0]));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void WhateverIsAcceptedIsTheOneEncoding(string name)
    {
        foreach (var vector in Cases)
        {
            byte[] whole = Convert.FromHexString(vector.GetProperty(name).GetString()!);
            int accepted = 0;
            for (int place = 0; place < whole.Length; place++)
            {
                foreach (int change in (int[])[0x01, 0x40, 0x80, 0xFF])
                {
                    byte[] changed = [.. whole];
                    changed[place] ^= (byte)change;
                    if (Read(name, changed) is not { } written) continue;
                    Assert.Equal(changed, written);
                    accepted++;
                }
            }
            Assert.True(accepted > 0 || whole.Length < 8);   // in a key, say: the structure is judged here, not what it means
        }
    }

    /// <summary>
    /// What was read, written again; null where it was refused, as <see cref="Tls.Decode"/> promises, by a <see cref="CodecException"/>. A
    /// ratchet tree is read with its rules.
    /// </summary>
    private static byte[]? Read(string name, byte[] bytes)
    {
        try
        {
            using var writer = new TlsWriter();
            var reader = new TlsReader(bytes);
            Structures[name](ref reader, writer);
            reader.ExpectEnd();
            return writer.ToArray();
        }
        catch (Exception refused) when (refused is CodecException || (name == "ratchet_tree" && refused is MlsException))
        {
            return null;
        }
    }

    private static void Whole<T>(ref TlsReader reader, TlsWriter writer) where T : ITlsStruct<T> => writer.Write(T.Decode(ref reader));

    private static void Tree(ref TlsReader reader, TlsWriter writer)
    {
        var tree = RatchetTree.Decode(TreeGroup.Suite, reader.Rest);
        reader.ReadBytes(reader.Remaining);
        writer.WriteBytes(tree.Encode());
    }
}
