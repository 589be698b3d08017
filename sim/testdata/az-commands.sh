# Runs every command that az simulates (TestEveryAzCommandRuns); what fails is
# printed with its status.
t() { "$@" >out 2>err || echo "$? $* : $(tail -1 err)"; }
t az account show
t az account list
t az account list-locations
t az account get-access-token
t az account set -s "$(az account show --query id -o tsv)"
t az cloud show
t az cloud list
t az cloud list-profiles
t az cloud set -n AzureCloud
t az group create -n g2 -l westus
t az group list -o table
t az group show -n g2
t az group exists -n g2
t az group update -n g2 --set tags.a=b
t az group wait -n g2 --created
t az vm create -g g2 -n vm3 --image Ubuntu2204 --generate-ssh-keys --assign-identity
t az vm list -o table
t az vm image list -f ubuntu -o table
t az vm list -d -o table
t az vm show -g g2 -n vm3 -o table
t az vm show -g g2 -n vm3 -d -o table
t az vm stop -g g2 -n vm3
t az vm start -g g2 -n vm3
t az vm restart -g g2 -n vm3
t az vm deallocate -g g2 -n vm3
t az vm update -g g2 -n vm3 --set tags.a=b
t az vm wait -g g2 -n vm3 --created
t az vm identity show -g g2 -n vm3
t az identity create -g g2 -n id1
t az vm identity assign -g g2 -n vm3 --identities id1
t az vm identity remove -g g2 -n vm3 --identities id1
t az vm list-ip-addresses -g g2 -n vm3 -o table
t az vm get-instance-view -g g2 -n vm3 
t az vm get-instance-view -g g2 -n vm3 -o table
t az vm list-sizes -l westus -o table
t az identity list -g g2
t az identity show -g g2 -n id1
t az identity list-resources -g g2 -n id1
t az identity list-operations
t az cosmosdb collection show -g g -n a -d d -c c
t az vmss extension delete -g g --vmss-name v -n e
t az identity federated-credential create -g g2 --identity-name id1 -n fed --issuer https://token.actions.githubusercontent.com --subject a --audiences api://AzureADTokenExchange
t az identity federated-credential update -g g2 --identity-name id1 -n fed --issuer https://token.actions.githubusercontent.com --subject b --audiences api://AzureADTokenExchange
t az identity federated-credential list -g g2 --identity-name id1
t az identity federated-credential show -g g2 --identity-name id1 -n fed
t az identity federated-credential delete -g g2 --identity-name id1 -n fed -y
P=$(az identity show -g g2 -n id1 --query principalId -o tsv)
t az role assignment create --assignee $P --role Reader -g g2
t az role assignment list -g g2 -o table
t az role assignment delete --assignee $P --role Reader -g g2
t az role definition list -n Reader -o table
t az role definition show -n acdd72a7-3385-48ef-bd42-f606fba81ae7
t az role definition create --role-definition '{"Name":"R1","Description":"d","Actions":["Microsoft.Compute/*/read"],"AssignableScopes":["/subscriptions/'$(az account show --query id -o tsv)'"]}'
t az role definition update --role-definition '{"Name":"R1","Description":"e","Actions":["Microsoft.Compute/*/read"],"AssignableScopes":["/subscriptions/'$(az account show --query id -o tsv)'"]}'
t az role definition delete -n R1
t az ad sp create-for-rbac -n one
t az ad app list --display-name one -o table
A=$(az ad app list --display-name one --query [0].appId -o tsv)
t az ad app show --id $A
t az ad app update --id $A --set displayName=two
t az ad app credential list --id $A
t az ad app credential reset --id $A
t az ad app credential delete --id $A --key-id $(az ad app credential list --id $A --query [0].keyId -o tsv)
t az ad app federated-credential create --id $A --parameters '{"name":"fed","issuer":"https://token.actions.githubusercontent.com","subject":"a","audiences":["api://AzureADTokenExchange"]}'
t az ad app federated-credential list --id $A
t az ad app federated-credential show --id $A --federated-credential-id fed
t az ad app federated-credential update --id $A --federated-credential-id fed --parameters '{"subject":"b"}'
t az ad app federated-credential delete --id $A --federated-credential-id fed
t az ad sp list --display-name one
t az ad sp show --id $A
t az ad sp credential list --id $A
t az ad sp credential reset --id $A
t az ad sp credential delete --id $A --key-id $(az ad sp credential list --id $A --query [0].keyId -o tsv)
t az ad sp update --id $A --set tags='["x"]'
t az ad sp delete --id $A
t az ad sp create --id $A
t az ad app delete --id $A
t az ad app create --display-name three
t az ad user list -o table
t az ad user show --id admin@contoso.onmicrosoft.com
t az ad user create --display-name u --password 'Pa55w.rd1234' --user-principal-name u@contoso.onmicrosoft.com
t az ad user get-member-groups --id u@contoso.onmicrosoft.com
t az ad group create --display-name G --mail-nickname G
U=$(az ad user show --id u@contoso.onmicrosoft.com --query id -o tsv)
t az ad group list -o table
t az ad group show -g G
t az ad group member add -g G --member-id $U
t az ad group member list -g G
t az ad group member check -g G --member-id $U
t az ad group get-member-groups -g G
t az ad group owner add -g G --owner-object-id $U
t az ad group owner list -g G
t az ad group owner remove -g G --owner-object-id $U
t az ad group member remove -g G --member-id $U
t az ad group delete -g G
t az ad user delete --id $U
t az ad signed-in-user show
t az ad signed-in-user list-owned-objects
t az resource list -o table
t az resource show -g g2 -n vm3 --resource-type Microsoft.Compute/virtualMachines
t az resource update -g g2 -n vm3 --resource-type Microsoft.Compute/virtualMachines --set tags.z=1
t az resource tag -g g2 -n vm3 --resource-type Microsoft.Compute/virtualMachines --tags q=1
t az resource create -g g2 -n st9981 --resource-type Microsoft.Storage/storageAccounts -l westus --is-full-object --properties '{"location":"westus","sku":{"name":"Standard_LRS"},"kind":"StorageV2"}'
t az resource wait -g g2 -n st9981 --resource-type Microsoft.Storage/storageAccounts --created
t az resource delete -g g2 -n st9981 --resource-type Microsoft.Storage/storageAccounts
t az provider list -o table
t az provider show -n Microsoft.Compute
t az provider register -n Microsoft.Compute
t az network nic list -g g2 -o table
N=$(az network nic list -g g2 --query [0].name -o tsv)
t az network nic show -g g2 -n $N
V=$(az network vnet list -g g2 --query [0].name -o tsv)
t az network vnet list -o table
t az network vnet show -g g2 -n $V
t az network vnet subnet list -g g2 --vnet-name $V
t az network vnet subnet show -g g2 --vnet-name $V -n $(az network vnet subnet list -g g2 --vnet-name $V --query [0].name -o tsv)
t az network public-ip list -g g2 -o table
t az network public-ip show -g g2 -n $(az network public-ip list -g g2 --query [0].name -o tsv)
t az network nsg list -g g2 -o table
S=$(az network nsg list -g g2 --query [0].name -o tsv)
t az network nsg show -g g2 -n $S
t az network nsg rule list -g g2 --nsg-name $S -o table
t az network nsg rule create -g g2 --nsg-name $S -n web --priority 200 --destination-port-ranges 80
t az network nsg rule show -g g2 --nsg-name $S -n web
t az network vnet create -g g2 -n v9 --subnet-name s
t az network public-ip create -g g2 -n p9
t az network nsg create -g g2 -n n9
t az network nic create -g g2 -n nic9 --vnet-name v9 --subnet s
t az network nic delete -g g2 -n nic9
t az network nsg delete -g g2 -n n9
t az network public-ip delete -g g2 -n p9
t az network vnet delete -g g2 -n v9
cat > t.json <<'X'
{"$schema":"https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","parameters":{"n":{"type":"string","defaultValue":"idt"}},"resources":[{"type":"Microsoft.ManagedIdentity/userAssignedIdentities","name":"[parameters('n')]","apiVersion":"2018-11-30","location":"westus"}]}
X
t az deployment group validate -g g2 -f t.json
t az deployment group what-if -g g2 -f t.json
t az deployment group create -g g2 -n d1 -f t.json
t az deployment group show -g g2 -n d1 -o table
t az deployment group list -g g2 -o table
t az deployment group export -g g2 -n d1
t az deployment group wait -g g2 -n d1 --created
t az deployment operation group list -g g2 -n d1
t az deployment operation group show -g g2 -n d1 --operation-ids $(az deployment operation group list -g g2 -n d1 --query [0].operationId -o tsv)
t az deployment group delete -g g2 -n d1
cat > s.json <<'X'
{"$schema":"https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[{"type":"Microsoft.Resources/resourceGroups","name":"g5","apiVersion":"2021-04-01","location":"westus"}]}
X
t az deployment sub validate -l westus -f s.json
t az deployment sub what-if -l westus -f s.json
t az deployment sub create -l westus -n ds -f s.json
t az deployment sub show -n ds
t az deployment sub list -o table
t az deployment sub delete -n ds
t az storage account create -g g2 -n stx9912 -o table
t az storage account list -o table
t az storage account show -g g2 -n stx9912
t az storage account keys list -g g2 -n stx9912 -o table
t az storage account keys renew -g g2 -n stx9912 --key key1
t az storage account show-connection-string -g g2 -n stx9912
t az storage account check-name -n stx9912
t az storage account delete -g g2 -n stx9912 -y
t az keyvault create -g g2 -n kvx9912
t az keyvault list -o table
t az keyvault show -n kvx9912 -o table
t az keyvault set-policy -n kvx9912 --object-id $P --secret-permissions get
t az keyvault delete-policy -n kvx9912 --object-id $P
t az keyvault delete -n kvx9912
t az keyvault list-deleted
t az keyvault purge -n kvx9912
t az tag list
t az tag create -n t1
t az tag add-value -n t1 --value v
t az tag remove-value -n t1 --value v
t az tag update --resource-id $(az group show -n g2 --query id -o tsv) --operation Merge --tags k=v
t az tag delete -n t1 -y
t az rest -u /subscriptions?api-version=2020-01-01
t az version
t az configure -d group=g2
t az configure -l
t az config set core.output=json
t az config get core.output
t az config unset core.output
t az configure -d group=
t az interactive
t az find vm
t az upgrade
t az aks list
t az identity delete -g g2 -n id1
t az vm delete -g g2 -n vm3 -y
t az group delete -n g2 -y
A=$(az ad sp create-for-rbac -n four --role Reader --scopes /subscriptions/$(az account show --query id -o tsv) 2>/dev/null)
t az logout
t az login --service-principal -u $(echo $A | jq -r .appId) -p $(echo $A | jq -r .password) --tenant $(echo $A | jq -r .tenant)
t az account clear
