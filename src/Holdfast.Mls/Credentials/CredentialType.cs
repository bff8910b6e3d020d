namespace Holdfast.Mls;

/// <summary>RFC 9420 §17.5: the registered credential types we know; a plain number, for others may name what we do not know.</summary>
public static class CredentialType
{
    /// <summary>Stands for no type.</summary>
    internal const ushort Reserved = 0;

    /// <summary>A bare assertion of an identity.</summary>
    public const ushort Basic = 1;

    /// <summary>A chain of X.509 certificates.</summary>
    public const ushort X509 = 2;
}
